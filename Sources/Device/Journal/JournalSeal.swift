import Encoding

/// The hashes of a line: its own, and whether the one that it carries is right.
struct JournalSeal {
  /// SHA-256 of the line.
  let hash: String
  /// Whether the line is as it was written: `whole`, its last key, is the SHA-256 of the object without that key.
  let isWhole: Bool

  /// What stands before the hash that a line carries.
  static let beginning = Array(#","whole":""#.utf8)
  /// What stands after it.
  private static let end = Array("\"}".utf8)
  private static let length = beginning.count + 64 + end.count

  /// Computes the hashes of a line without its newline. The line and its object begin alike: that part is read once.
  init(_ line: UnsafeBufferPointer<UInt8>) {
    let count = max(0, line.count - Self.length)
    var whole = RunningDigest()
    whole.add(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(line)[..<count]))
    var object = whole
    let rest = UnsafeBufferPointer(rebasing: line[count...])
    whole.add(UnsafeRawBufferPointer(rest))
    hash = whole.hexadecimal
    guard count > 0, rest.starts(with: Self.beginning), rest[(rest.count - 2)...].elementsEqual(Self.end) else {
      isWhole = false
      return
    }
    withUnsafeBytes(of: UInt8(ascii: "}")) { object.add($0) }
    isWhole = rest[Self.beginning.count..<(rest.count - Self.end.count)].elementsEqual(object.hexadecimal.utf8)
  }

  /// Computes the hashes of a line without its newline.
  init(_ line: [UInt8]) { self = line.withUnsafeBufferPointer { Self($0) } }
}
