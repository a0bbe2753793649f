/// The form of minisign's key files, public and secret: a comment line and a line of base64.
enum KeyFile {
  /// The maximum size in bytes.
  static let limit = 4096

  /// Returns the second line without its line end. Any comment is accepted: minisign does not read it.
  ///
  /// - Parameter path: the file's path, for the error.
  static func payload(of file: [UInt8], path: String) throws(KeyError) -> ArraySlice<UInt8> {
    let lines = file.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
    guard lines.count >= 2, lines[0].starts(with: Array("untrusted comment: ".utf8)) else {
      throw .malformed(path: path, why: "its first line is no minisign comment")
    }
    if lines.count == 3, lines[2].contains(where: { $0 != 10 && $0 != 13 }) {
      throw .malformed(path: path, why: "it has more than two lines")
    }
    return lines[1].last == 13 ? lines[1].dropLast() : lines[1]
  }
}
