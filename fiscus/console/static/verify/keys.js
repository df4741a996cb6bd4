/*
 * Public keys, and signatures made with them, as far as WebCrypto knows the algorithm.
 *
 * Exported:
 *   importKey(from) -> Promise<PublicKey>
 *       from = {spki: bytes} | {pem: text} | {certificate: bytes}
 *            | {point: bytes, curve?: "P-256"} | {ed25519: bytes}
 *       pem: PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE; point: uncompressed (04 x y)
 *       PublicKey = {kind: "rsa" | "ec" | "ed25519", name: "RSA-1024" | "P-256" | …,
 *                    size, spki, sha256 (hex), id (its first 32 digits), point (EC only)}
 *       size: bytes of a coordinate (EC), of the modulus (RSA), of the key (Ed25519)
 *   verify(publicKey, {data, signature, hash, form}) -> Promise<result>
 *       RSA: RSASSA-PKCS1-v1_5; hash as WebCrypto writes it ("SHA-1", "SHA-256", …)
 *       EC: ECDSA; form "raw" (r and s, the default) or "der"
 *       Ed25519: hash and form are not used
 *   nameOf(spki) -> "P-256", "brainpoolP384r1", "RSA-1024", … for showing; never throws
 *   tseHash("ecdsa-plain-SHA256") -> "SHA-256"
 *
 * Unsupported is thrown, with the reason by name, for what no browser judges: brainpool curves,
 * ML-DSA, SHA-224, SHA-3, Schnorr signatures.
 */

import { Unsupported, VerifyError, bad, good, hash as digest, toHex, unsupported } from "./bytes.js";
import { foreignCurveOf } from "./curves.js";
import { certificateKey, ecdsaToRaw, elements, pemToDer, readSpki, writeSpki } from "./der.js";

const RSA = "1.2.840.113549.1.1.1";
const EC = "1.2.840.10045.2.1";
const ED25519 = "1.3.101.112";

const CURVES = {
  "1.2.840.10045.3.1.7": { name: "P-256", size: 32 },
  "1.3.132.0.34": { name: "P-384", size: 48 },
  "1.3.132.0.35": { name: "P-521", size: 66 },
};

const FOREIGN = {
  "1.3.36.3.3.2.8.1.1.3": "brainpoolP224r1",
  "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
  "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
  "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
  "1.3.132.0.33": "P-224",
  "1.3.132.0.10": "secp256k1",
  "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
  "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
  "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
  "1.3.101.113": "Ed448",
};

const FOREIGN_NAMES = new Set(Object.values(FOREIGN));

const HASHES = new Set(["SHA-1", "SHA-256", "SHA-384", "SHA-512"]);

function foreign(name) {
  return new Unsupported(
    "algorithm-foreign",
    `${name} is not computed in this browser, so this signature is neither good nor bad here.`,
    { name },
  );
}

/** What a key is called, also where it cannot be used here. */
export function nameOf(der) {
  try {
    const spki = readSpki(der);
    if (spki.algorithm === RSA) return `RSA-${modulusBits(spki.key)}`;
    if (spki.algorithm === ED25519) return "Ed25519";
    if (spki.algorithm !== EC) return FOREIGN[spki.algorithm] || spki.algorithm;
    const curve = CURVES[spki.parameters];
    return curve ? curve.name : FOREIGN[spki.parameters] || String(spki.parameters);
  } catch {
    return "";
  }
}

function modulusBits(key) {
  const [modulus] = elements(elements(key)[0].value);
  const digits = toHex(modulus.value).replace(/^0+/, "");
  return digits.length * 4 - Math.clz32(parseInt(digits[0], 16)) + 28;
}

function spkiOf(from) {
  if (from.spki) return from.spki;
  if (from.certificate) return certificateKey(from.certificate);
  if (from.ed25519) return writeSpki(ED25519, null, from.ed25519);
  if (from.point) return spkiOfPoint(from.point, from.curve);
  const { label, der } = pemToDer(from.pem);
  if (label === "CERTIFICATE") return certificateKey(der);
  return label === "RSA PUBLIC KEY" ? writeSpki(RSA, "null", der) : der;
}

function spkiOfPoint(point, name) {
  const size = (point.length - 1) / 2;
  const [curve] = Object.entries(CURVES).find(([, one]) =>
    name ? one.name === name : one.size === size,
  ) || [null];
  const other = point[0] === 4 ? foreignCurveOf(point) : "";
  if (other || FOREIGN_NAMES.has(name)) throw foreign(other || name);
  if (!curve || point[0] !== 4 || CURVES[curve].size !== size) {
    throw new VerifyError("not-a-point", "The key is not an uncompressed point of a known curve.");
  }
  return writeSpki(EC, curve, point);
}

export async function importKey(from) {
  const der = spkiOf(from);
  const spki = readSpki(der);
  const said = kindOf(spki);
  if (said.kind === "ec") judgePoint(said);
  const algorithm =
    said.kind === "ec" ? { name: "ECDSA", namedCurve: said.name } : { name: "Ed25519" };
  const ready = {};
  const cryptoKey = async (hash) => {
    const chosen = said.kind === "rsa" ? { name: "RSASSA-PKCS1-v1_5", hash } : algorithm;
    const slot = said.kind === "rsa" ? hash : "";
    ready[slot] = ready[slot] || (await imported(der, chosen, said));
    return ready[slot];
  };
  const fingerprint = toHex(await digest("SHA-256", der));
  await cryptoKey("SHA-256");
  return { ...said, spki: der, sha256: fingerprint, id: fingerprint.slice(0, 32), cryptoKey };
}

/** A bare point does not name its curve: one of another curve of the same size is named. */
function judgePoint({ point, size }) {
  const name = point[0] === 4 && point.length === 2 * size + 1 ? foreignCurveOf(point) : "";
  if (name) throw foreign(name);
}

async function imported(der, algorithm, said) {
  try {
    return await globalThis.crypto.subtle.importKey("spki", der, algorithm, false, ["verify"]);
  } catch (error) {
    if (error && error.name === "NotSupportedError") throw foreign(said.name);
    throw new VerifyError("not-a-key", "The bytes are not a usable public key.");
  }
}

function kindOf(spki) {
  if (spki.algorithm === RSA) {
    const bits = modulusBits(spki.key);
    return { kind: "rsa", name: `RSA-${bits}`, size: Math.ceil(bits / 8) };
  }
  if (spki.algorithm === ED25519) return { kind: "ed25519", name: "Ed25519", size: 32 };
  const curve = spki.algorithm === EC ? CURVES[spki.parameters] : null;
  if (curve) return { kind: "ec", ...curve, point: spki.key };
  const name = FOREIGN[spki.algorithm === EC ? spki.parameters : spki.algorithm];
  throw foreign(name || `The algorithm ${spki.parameters || spki.algorithm}`);
}

export async function verify(key, { data, signature, hash = "SHA-256", form = "raw" }) {
  if (key.kind !== "ed25519" && !HASHES.has(hash)) {
    return unsupported("algorithm-foreign", foreign(hash).reason, { name: hash });
  }
  const raw = rawSignature(key, signature, form);
  const isSigned = raw !== null && (await isRight(key, hash, raw, data));
  const values = { name: key.name };
  return isSigned
    ? good("signature-good", `The signature is that of this ${key.name} key over these bytes.`, values)
    : bad("signature-bad", `The signature is not that of this ${key.name} key over these bytes.`, values);
}

function rawSignature(key, signature, form) {
  if (key.kind !== "ec") return signature;
  try {
    const raw = form === "der" ? ecdsaToRaw(signature, key.size) : signature;
    return raw.length === 2 * key.size ? raw : null;
  } catch (error) {
    if (error instanceof VerifyError) return null;
    throw error;
  }
}

async function isRight(key, hash, signature, data) {
  const subtle = globalThis.crypto.subtle;
  const algorithm = {
    rsa: { name: "RSASSA-PKCS1-v1_5" },
    ec: { name: "ECDSA", hash },
    ed25519: { name: "Ed25519" },
  }[key.kind];
  return subtle.verify(algorithm, await key.cryptoKey(hash), signature, data);
}

/** The hash of a TSE's signature algorithm, as WebCrypto writes it. */
export function tseHash(algorithm) {
  const match = /^ecdsa-plain-SHA(256|384|512)$/.exec(algorithm);
  if (!match) throw foreign(algorithm);
  return `SHA-${match[1]}`;
}
