/// The checkout from which the tests were built.
public enum SourceTree {
  /// Absolute path of the directory that holds Package.swift.
  public static let path: String = {
    // Tests/Support/TestSupport/SourceTree.swift
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(4).joined(separator: "/")
  }()
}
