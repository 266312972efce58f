/** The parts of jStat that are used; it comes without types. */
declare module "jstat" {
  const module: {
    readonly jStat: {
      /** The regularised incomplete beta function; `false` outside of 0 to 1. */
      ibeta(x: number, a: number, b: number): number | false;
      readonly normal: { inv(p: number, mean: number, standardDeviation: number): number };
      readonly studentt: { inv(p: number, degreesOfFreedom: number): number };
    };
  };
  export default module;
}
