import Posix

/// Checks the outermost structure of a sound file before libsndfile opens it.
///
/// libsndfile silently corrects a header that promises more than the file has, so a truncated copy would pass as a shorter
/// recording; and a metadata chunk with a wrong length can make it search without end.
enum Envelope {
  /// Checks a file. An unknown structure passes; libsndfile decides about it.
  ///
  /// - Throws: `.truncated` or `.endMissing`.
  static func check(_ file: borrowing FileDescriptor, size: Int) throws(RecordingError) {
    guard let head = try bytes(file, 12, at: 0) else { return }
    let (kind, form) = (String(decoding: head[..<4], as: UTF8.self), String(decoding: head[8...], as: UTF8.self))
    switch (kind, form) {
    case ("RIFF", "WAVE"): try checkChunks(file, size: size, littleEndian: true)
    case ("RIFX", "WAVE"), ("FORM", "AIFF"), ("FORM", "AIFC"): try checkChunks(file, size: size, littleEndian: false)
    case ("OggS", _): try checkLastPage(file, size: size)
    default: break
    }
  }

  /// Programs that write to a pipe do not know the length, and put a value from here on into the header.
  private static let unknownLength = 0x7FFF_0000

  private static func checkChunks(
    _ file: borrowing FileDescriptor, size: Int, littleEndian: Bool
  ) throws(RecordingError) {
    var offset = 12
    var hasSound = false
    while let head = try bytes(file, 8, at: offset) {
      let name = String(decoding: head.prefix(4), as: UTF8.self)
      let length = number(head[4...], littleEndian: littleEndian)
      let start = offset + 8
      let isSound = name == "data" || name == "SSND"
      if isSound && length >= unknownLength { return }
      hasSound = hasSound || isSound
      if start + length > size {
        throw .truncated(promised: start + length, found: size)
      }
      if name == "LIST" { try checkList(file, start: start, length: length, littleEndian: littleEndian) }
      offset = start + length + length & 1
    }
    if !hasSound { throw .truncated(promised: offset + 8, found: size) }
  }

  /// Checks that the sub-chunks of a LIST of INFO end within it.
  private static func checkList(
    _ file: borrowing FileDescriptor, start: Int, length: Int, littleEndian: Bool
  ) throws(RecordingError) {
    guard let kind = try bytes(file, 4, at: start), kind.elementsEqual("INFO".utf8) else { return }
    var offset = start + 4
    while offset + 8 <= start + length, let head = try bytes(file, 8, at: offset) {
      let inner = number(head[4...], littleEndian: littleEndian)
      if offset + 8 + inner > start + length {
        throw .truncated(promised: offset + 8 + inner, found: start + length)
      }
      offset += 8 + inner + inner & 1
    }
  }

  /// Checks the last page of an Ogg stream: it has the flag "end of stream", and at most 65,307 bytes. RFC 3533
  private static func checkLastPage(_ file: borrowing FileDescriptor, size: Int) throws(RecordingError) {
    let count = min(size, 65_307)
    guard let tail = try bytes(file, count, at: size - count) else { return }
    let mark = Array("OggS".utf8)
    var position = tail.count - 27
    while position >= 0 {
      if tail[position] == mark[0], tail[position..<position + 4].elementsEqual(mark) {
        let segments = Int(tail[position + 26])
        let table = position + 27
        guard table + segments <= tail.count else { throw .endMissing }
        let end = table + segments + tail[table..<table + segments].reduce(0) { $0 + Int($1) }
        if end > tail.count || tail[position + 5] & 4 == 0 { throw .endMissing }
        return
      }
      position -= 1
    }
    throw .endMissing
  }

  private static func bytes(
    _ file: borrowing FileDescriptor, _ count: Int, at offset: Int
  ) throws(RecordingError) -> [UInt8]? {
    do throws(SystemError) {
      return try file.read(count, at: offset)
    } catch { throw .system(error) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, littleEndian: Bool) -> Int {
    (littleEndian ? bytes.reversed() : Array(bytes)).reduce(0) { $0 << 8 | Int($1) }
  }
}
