// A ZIP archive of stored entries, with names in UTF-8; below 4 GiB and 65,535 entries. PKWARE's APPNOTE.TXT

const crc32Table = new Uint32Array(256).map((_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1
  return byte
})

/** Returns the CRC-32 of bytes, after that of the bytes before them. */
export function crc32(bytes, before = 0) {
  let sum = ~before
  for (let index = 0; index < bytes.length; index++) sum = crc32Table[(sum ^ bytes[index]) & 255] ^ (sum >>> 8)
  return ~sum >>> 0
}

/**
 * Packs files. The content of a Blob is read part by part, and is not held in memory.
 *
 * @param {{name: string, data: Blob|Uint8Array}[]} files
 * @param {Date} time the time of all entries.
 * @returns {Promise<Blob>}
 */
export async function zip(files, time) {
  const [body, directory] = [[], []]
  const clock = (time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1)
  const day = ((time.getFullYear() - 1980) << 9) | ((time.getMonth() + 1) << 5) | time.getDate()
  let at = 0
  for (const { name, data } of files) {
    const [title, content] = [new TextEncoder().encode(name), new Blob([data])]
    let sum = 0
    for (let index = 0; index < content.size; index += 1 << 20) {
      sum = crc32(new Uint8Array(await content.slice(index, index + (1 << 20)).arrayBuffer()), sum)
    }
    // What a local header and an entry of the directory have in common.
    const facts = [[20, 2], [0x0800, 2], [0, 2], [clock, 2], [day, 2], [sum, 4], [content.size, 4], [content.size, 4],
      [title.length, 2], [0, 2]]
    body.push(little([0x04034b50, 4], ...facts), title, content)
    directory.push(little([0x02014b50, 4], [20, 2], ...facts, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]), title)
    at += 30 + title.length + content.size
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  const end = little([0x06054b50, 4], [0, 4], [files.length, 2], [files.length, 2], [size, 4], [at, 4], [0, 2])
  return new Blob([...body, ...directory, end], { type: "application/zip" })
}

/** Returns numbers as bytes, the lowest first: pairs of a value and its number of bytes. */
function little(...fields) {
  return Uint8Array.from(fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, byte) => (value >>> (8 * byte)) & 255)))
}
