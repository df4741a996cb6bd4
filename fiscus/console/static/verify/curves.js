/*
 * Brainpool curves, only to name them: no browser computes signatures on them.
 * Source: RFC 5639 section 3.
 *
 * Exported:
 *   foreignCurveOf(point) -> "brainpoolP256r1" | … | ""   the curve that an uncompressed point lies on
 */

import { toHex } from "./bytes.js";

const CURVES = [
  {
    name: "brainpoolP256r1",
    size: 32,
    p: 0xa9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377n,
    a: 0x7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9n,
    b: 0x26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6n,
  },
  {
    name: "brainpoolP384r1",
    size: 48,
    p: 0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53n,
    a: 0x7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826n,
    b: 0x04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11n,
  },
  {
    name: "brainpoolP512r1",
    size: 64,
    p: 0xaadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3n,
    a: 0x7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94can,
    b: 0x3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723n,
  },
];

const numberOf = (bytes) => BigInt(`0x${toHex(bytes) || "0"}`);

export function foreignCurveOf(point) {
  const size = (point.length - 1) / 2;
  const curve = CURVES.find((one) => one.size === size);
  if (!curve) return "";
  const { name, p, a, b } = curve;
  const x = numberOf(point.subarray(1, 1 + size));
  const y = numberOf(point.subarray(1 + size));
  const isOn = x < p && y < p && (y * y - (x * x * x + a * x + b)) % p === 0n;
  return isOn ? name : "";
}
