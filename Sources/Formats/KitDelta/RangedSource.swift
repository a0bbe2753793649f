/// A file elsewhere that can be read in parts: a mirror by HTTP ranges (RFC 9110, 14), a stick, a neighbour.
public protocol RangedSource {
  /// Reads bytes of the file.
  ///
  /// - Returns: exactly the bytes of the range; nil if the source gives only whole files.
  /// - Throws: any error of the source; the rebuilding ends with it, and can be tried again.
  mutating func read(_ range: Range<Int>) throws -> [UInt8]?
}
