// Signatures in minisign's form: Ed25519 over BLAKE2b-512. The browser makes the key and lets nobody take it out.

const blakeStart = ["6a09e667f3bcc908", "bb67ae8584caa73b", "3c6ef372fe94f82b", "a54ff53a5f1d36f1", "510e527fade682d1",
  "9b05688c2b3e6c1f", "1f83d9abfb41bd6b", "5be0cd19137e2179"].map((word) => BigInt("0x" + word))
const blakeOrder = ["0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
  "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0"]
  .map((row) => [...row].map((digit) => parseInt(digit, 16)))
const blakeLanes = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12],
  [2, 7, 8, 13], [3, 4, 9, 14]]

/** Returns the BLAKE2b-512 of bytes; meant for some hundred kilobytes. RFC 7693 */
export function blake2b(bytes) {
  const mask = 2n ** 64n - 1n
  const turned = (word, count) => ((word >> count) | (word << (64n - count))) & mask
  const hash = [...blakeStart]
  hash[0] ^= 0x01010040n
  const blocks = Math.max(1, Math.ceil(bytes.length / 128))
  for (let block = 0; block < blocks; block++) {
    const padded = new Uint8Array(128)
    padded.set(bytes.subarray(block * 128, block * 128 + 128))
    const view = new DataView(padded.buffer)
    const words = Array.from({ length: 16 }, (_, index) => view.getBigUint64(index * 8, true))
    const v = [...hash, ...blakeStart]
    v[12] ^= BigInt(Math.min(bytes.length, (block + 1) * 128))
    if (block === blocks - 1) v[14] ^= mask
    for (let round = 0; round < 12; round++) {
      const order = blakeOrder[round % 10]
      blakeLanes.forEach(([a, b, c, d], lane) => {
        v[a] = (v[a] + v[b] + words[order[2 * lane]]) & mask
        v[d] = turned(v[d] ^ v[a], 32n)
        v[c] = (v[c] + v[d]) & mask
        v[b] = turned(v[b] ^ v[c], 24n)
        v[a] = (v[a] + v[b] + words[order[2 * lane + 1]]) & mask
        v[d] = turned(v[d] ^ v[a], 16n)
        v[c] = (v[c] + v[d]) & mask
        v[b] = turned(v[b] ^ v[c], 63n)
      })
    }
    for (let index = 0; index < 8; index++) hash[index] ^= v[index] ^ v[index + 8]
  }
  const result = new DataView(new ArrayBuffer(64))
  hash.forEach((word, index) => result.setBigUint64(index * 8, word, true))
  return new Uint8Array(result.buffer)
}

/** Returns the SHA-256 of bytes or of a text in UTF-8, in hexadecimal digits. */
export async function sha256(content) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

const base64 = (bytes) => btoa(String.fromCharCode(...bytes))
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]))
const ascii = (text) => new TextEncoder().encode(text)

/** A key pair whose secret half stays in the browser. */
export class Signer {
  /** Makes a pair that the browser can store; throws where the browser knows no Ed25519. */
  static pair() {
    return crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])
  }

  /** @param {CryptoKeyPair} pair */
  static async of(pair) {
    const signer = new Signer()
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))
    signer.secret = pair.privateKey
    signer.number = new Uint8Array(await crypto.subtle.digest("SHA-256", point)).slice(0, 8)
    /** The public key as minisign writes it. */
    signer.key = base64(joined(ascii("Ed"), signer.number, point))
    /** The key's id as people read it: 16 hexadecimal digits. */
    signer.id = Array.from(signer.number, (byte) => byte.toString(16).padStart(2, "0")).reverse().join("").toUpperCase()
    return signer
  }

  /** The public key's file. */
  get file() {
    return `untrusted comment: minisign public key ${this.id}\n${this.key}\n`
  }

  /** Returns the signature file of a text in UTF-8. */
  async sign(text, trustedComment) {
    const raw = async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", this.secret, bytes))
    const signature = await raw(blake2b(ascii(text)))
    const whole = await raw(joined(signature, ascii(trustedComment)))
    return `untrusted comment: signature of a Firstword page\n${base64(joined(ascii("ED"), this.number, signature))}\n` +
      `trusted comment: ${trustedComment}\n${base64(whole)}\n`
  }
}
