export { mask, unmask } from "wsimd/bufferutil";
