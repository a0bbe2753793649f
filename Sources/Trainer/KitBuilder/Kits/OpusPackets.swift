/// The sound of an Ogg Opus file without its comments: an approval changes a clip's comments, and so its hash, but not its
/// sound. RFC 3533, section 6; RFC 7845, section 3
enum OpusPackets {
  /// Returns the packets of sound with their granule positions; for a file that is not Ogg Opus, all its bytes.
  static func packets(of file: [UInt8]) -> [UInt8] {
    var (sound, position, headers): ([UInt8], Int, Int) = ([], 0, 0)
    while position < file.count {
      guard let page = Page(file, at: position) else { return file }
      if headers < 2 {
        // The identification header has a page of its own; the comments end with their last page.
        headers += page.endsPacket ? 1 : 0
      } else {
        sound += file[page.granule] + file[page.content]
      }
      position = page.content.upperBound
    }
    return sound
  }

  private struct Page {
    let granule: Range<Int>
    let content: Range<Int>
    let endsPacket: Bool

    init?(_ file: [UInt8], at start: Int) {
      guard start + 27 <= file.count, file[start..<start + 4].elementsEqual("OggS".utf8) else { return nil }
      let segments = start + 27..<start + 27 + Int(file[start + 26])
      guard segments.upperBound <= file.count else { return nil }
      let size = file[segments].reduce(0) { $0 + Int($1) }
      guard segments.upperBound + size <= file.count else { return nil }
      granule = start + 6..<start + 14
      content = segments.upperBound..<segments.upperBound + size
      endsPacket = file[segments].last.map { $0 < 255 } ?? false
    }
  }
}
