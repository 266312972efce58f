// Plain JavaScript: it must run on the Node that is too old to run the rest.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `This needs Node 24, and npm scripts here run on Node ${process.versions.node}. The package "node" brings Node 24,\n` +
      "unless install scripts were ignored. Type:\n" +
      "  npm rebuild node --ignore-scripts=false\n",
  );
  process.exit(1);
}
