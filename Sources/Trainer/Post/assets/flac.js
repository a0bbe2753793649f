// FLAC of one channel, lossless: fixed predictors of order 0 to 4, Rice partitions. RFC 9639

const blockSize = 4096

const crc8 = new Uint8Array(256)
const crc16 = new Uint16Array(256)
for (let byte = 0; byte < 256; byte++) {
  let [small, large] = [byte, byte << 8]
  for (let bit = 0; bit < 8; bit++) {
    small = small & 0x80 ? (small << 1) ^ 0x07 : small << 1
    large = large & 0x8000 ? (large << 1) ^ 0x8005 : large << 1
  }
  crc8[byte] = small
  crc16[byte] = large
}

/** The MD5 of bytes that come in parts: FLAC names its samples by it. RFC 1321 */
export class MD5 {
  constructor() {
    this.state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
    this.block = new Uint8Array(64)
    this.words = new DataView(this.block.buffer)
    this.count = 0
  }

  /** Adds bytes. */
  add(bytes) {
    for (let index = 0; index < bytes.length;) {
      const at = this.count % 64
      const part = bytes.subarray(index, index + 64 - at)
      this.block.set(part, at)
      this.count += part.length
      index += part.length
      if (this.count % 64 === 0) this.turn()
    }
  }

  /** Returns the sum of all bytes; the object is spent. */
  sum() {
    const bits = this.count * 8
    this.add(Uint8Array.of(0x80))
    while (this.count % 64 !== 56) this.add(Uint8Array.of(0))
    const length = new DataView(new ArrayBuffer(8))
    length.setUint32(0, bits >>> 0, true)
    length.setUint32(4, Math.floor(bits / 2 ** 32), true)
    this.add(new Uint8Array(length.buffer))
    const sum = new DataView(new ArrayBuffer(16))
    this.state.forEach((word, index) => sum.setInt32(index * 4, word, true))
    return new Uint8Array(sum.buffer)
  }

  turn() {
    let [a, b, c, d] = this.state
    for (let step = 0; step < 64; step++) {
      const round = step >> 4
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round]
      const word = this.words.getInt32(((step * [1, 5, 3, 7][round] + [0, 1, 5, 0][round]) % 16) * 4, true)
      const sum = (a + mixed + word + md5Sines[step]) | 0
      const turn = md5Turns[round][step % 4]
      ;[a, d, c] = [d, c, b]
      b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0
    }
    this.state[0] += a
    this.state[1] += b
    this.state[2] += c
    this.state[3] += d
  }
}
const md5Sines = Int32Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32))
const md5Turns = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]

/** Encodes a take block by block, as its samples come. */
export class FlacEncoder {
  /**
   * @param {number} rate Hz, below 2^20.
   * @param {number} bits 16 or 24.
   */
  constructor(rate, bits) {
    Object.assign(this, { rate, bits, buffer: new Uint8Array(1 << 16), length: 0, word: 0, free: 8, frames: 0, count: 0 })
    this.md5 = new MD5()
    this.pending = new Int32Array(blockSize)
    this.waiting = 0
    this.errors = [0, 1, 2, 3, 4].map(() => new Int32Array(blockSize))
    for (const letter of "fLaC") this.byte(letter.charCodeAt(0))
    this.byte(0x80) // the last block of metadata
    this.put(34, 24)
    this.put(blockSize, 16)
    this.put(blockSize, 16)
    this.put(0, 24) // sizes of frames: unknown
    this.put(0, 24)
    this.put(rate, 20)
    this.put(0, 3) // one channel
    this.put(bits - 1, 5)
    this.lengthAt = this.length
    this.put(0, 4)
    for (let byte = 0; byte < 4 + 16; byte++) this.byte(0) // the length and the sum, see `finish`
  }

  /** Encodes samples: an Int32Array with values of 16 or 24 bits. */
  write(samples) {
    for (let index = 0; index < samples.length;) {
      const part = samples.subarray(index, index + blockSize - this.waiting)
      this.pending.set(part, this.waiting)
      this.waiting += part.length
      index += part.length
      if (this.waiting === blockSize) this.flush()
    }
  }

  /** Returns the file's bytes; the encoder is spent. */
  finish() {
    if (this.waiting > 0) this.flush()
    const bytes = this.buffer.slice(0, this.length)
    const view = new DataView(bytes.buffer)
    bytes[this.lengthAt] |= Math.floor(this.count / 2 ** 32) & 0x0f
    view.setUint32(this.lengthAt + 1, this.count >>> 0)
    bytes.set(this.md5.sum(), this.lengthAt + 5)
    return bytes
  }

  // Bits

  byte(value) {
    if (this.length === this.buffer.length) {
      const larger = new Uint8Array(2 * this.length)
      larger.set(this.buffer)
      this.buffer = larger
    }
    this.buffer[this.length++] = value
  }

  /** Appends the `count` lowest bits of a value, at most 32. */
  put(value, count) {
    while (count > 0) {
      const part = Math.min(count, this.free)
      count -= part
      this.word = (this.word << part) | ((value >>> count) & ((1 << part) - 1))
      this.free -= part
      if (this.free === 0) {
        this.byte(this.word)
        this.word = 0
        this.free = 8
      }
    }
  }

  // Frames

  flush() {
    const samples = this.pending.subarray(0, this.waiting)
    const width = this.bits / 8
    const raw = new Uint8Array(samples.length * width)
    for (let index = 0, at = 0; index < samples.length; index++) {
      for (let byte = 0; byte < width; byte++) raw[at++] = samples[index] >> (8 * byte)
    }
    this.md5.add(raw)
    this.frame(samples)
    this.count += samples.length
    this.frames++
    this.waiting = 0
  }

  frame(samples) {
    const start = this.length
    const isWhole = samples.length === blockSize
    this.put(0xfff8, 16)
    this.put(isWhole ? 12 : 7, 4)
    this.put(0, 4) // the rate is that of the file
    this.put(0, 4) // one channel
    this.put(this.bits === 16 ? 4 : 6, 3)
    this.put(0, 1)
    this.number(this.frames)
    if (!isWhole) this.put(samples.length - 1, 16)
    let sum = 0
    for (let at = start; at < this.length; at++) sum = crc8[sum ^ this.buffer[at]]
    this.byte(sum)
    if (samples.every((value) => value === samples[0])) this.constant(samples[0])
    else this.predicted(samples)
    if (this.free < 8) this.put(0, this.free)
    sum = 0
    for (let at = start; at < this.length; at++) sum = ((sum << 8) ^ crc16[(sum >> 8) ^ this.buffer[at]]) & 0xffff
    this.put(sum, 16)
  }

  /** Writes a frame's number as UTF-8 writes a character. */
  number(value) {
    if (value < 0x80) return this.put(value, 8)
    let more = 1
    while (value >= 2 ** (5 * more + 6)) more++
    this.put((0xff00 >> (more + 1)) | (value >> (6 * more)), 8)
    while (more-- > 0) this.put(0x80 | ((value >> (6 * more)) & 0x3f), 8)
  }

  constant(value) {
    this.put(0, 8)
    this.put(value, this.bits)
  }

  predicted(samples) {
    const count = samples.length
    const orders = Math.min(5, count)
    this.errors[0].set(samples)
    for (let order = 1; order < orders; order++) {
      const [before, own] = [this.errors[order - 1], this.errors[order]]
      for (let index = order; index < count; index++) own[index] = before[index] - before[index - 1]
    }
    let [order, least] = [0, Infinity]
    for (let each = 0; each < orders; each++) {
      let sum = 0
      for (let index = each; index < count; index++) sum += Math.abs(this.errors[each][index])
      if (sum < least) [order, least] = [each, sum]
    }
    this.put(0x10 | (order << 1), 8)
    for (let index = 0; index < order; index++) this.put(samples[index], this.bits)
    this.residual(this.errors[order], order, count)
  }

  residual(errors, order, count) {
    let parts = 0
    while (parts < 6 && count % (2 << parts) === 0 && count >> (parts + 1) > order) parts++
    this.put(1, 2) // parameters of five bits
    this.put(parts, 4)
    for (let part = 0, index = order; part < 1 << parts; part++) {
      const end = (count >> parts) * (part + 1)
      let sum = 0
      for (let at = index; at < end; at++) sum += Math.abs(errors[at])
      const mean = (sum / Math.max(1, end - index)) * 1.2
      let bits = 0
      while (bits < 30 && 2 ** bits < mean) bits++
      this.put(bits, 5)
      for (; index < end; index++) {
        const value = errors[index] < 0 ? -2 * errors[index] - 1 : 2 * errors[index]
        let zeros = value >>> bits
        for (; zeros >= 24; zeros -= 24) this.put(0, 24)
        this.put(1, zeros + 1)
        if (bits > 0) this.put(value, bits)
      }
    }
  }
}

/**
 * Turns a take into samples of the fewest bits that hold it exactly.
 *
 * A microphone of 16 bits comes as n / 32768; in Chromium, what is above zero comes as n / 32767.
 *
 * @param {Float32Array} samples full scale is 1.
 * @returns {{bits: number, samples: Int32Array}} 16 bits where the microphone gave no more, else 24.
 */
export function pcm(samples) {
  const isWhole = (value) => Math.abs(value - Math.round(value)) < 0.002
  const positive = [32768, 32767].find((scale) =>
    samples.every((value) => isWhole(value * (value < 0 ? 32768 : scale))))
  const [bits, above] = positive ? [16, positive] : [24, 2 ** 23]
  const scale = 2 ** (bits - 1)
  const whole = new Int32Array(samples.length)
  for (let index = 0; index < samples.length; index++) {
    const value = Math.round(samples[index] * (samples[index] < 0 ? scale : above))
    whole[index] = Math.max(-scale, Math.min(scale - 1, value))
  }
  return { bits, samples: whole }
}

/** Encodes a whole take; gives way to the page in between, so that it does not freeze. */
export async function encode(samples, rate, bits) {
  const encoder = new FlacEncoder(rate, bits)
  const step = 16 * blockSize
  for (let index = 0; index < samples.length; index += step) {
    encoder.write(samples.subarray(index, index + step))
    await new Promise((resume) => setTimeout(resume))
  }
  return encoder.finish()
}
