/** An ingestion program in Python that asks a model three times, and prints nothing. */
export const silentProgram = {
  ingestion: { script: "", metadata: { command: "python3 $program/ask.py" } },
  files: {
    "ingestion_program/ask.py": `import json, os, time, urllib.request
for case in range(3):
    body = json.dumps({"messages": [{"role": "user", "content": f"What is {case} + 4?"}], "max_tokens": 8}).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", data=body,
        headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "Content-Type": "application/json"}))
time.sleep(2)
`,
  },
};
