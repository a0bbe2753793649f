/// The part of a content that a request asks for. RFC 9110, 14
enum ByteRange: Equatable {
  /// The whole content: there is no header, or one that a server may ignore.
  case whole
  /// These bytes.
  case part(Range<Int>)
  /// No byte of the content.
  case unsatisfiable

  /// Reads a header `Range` with one range. Several ranges are answered with the whole content.
  ///
  /// - Parameters:
  ///   - header: `bytes=0-99`, `bytes=100-`, `bytes=-100`; nil without a header.
  ///   - size: the content's size in bytes.
  init(_ header: String?, of size: Int) {
    self = .whole
    guard let header, header.hasPrefix("bytes=") else { return }
    let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, ends.allSatisfy({ $0.utf8.count <= 18 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return }
    switch (Int(ends[0]), Int(ends[1])) {
    case (let first?, let last?) where first <= last:
      self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
    case (let first?, nil): self = first < size ? .part(first..<size) : .unsatisfiable
    case (nil, let count?): self = count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
    default: return
    }
  }
}
