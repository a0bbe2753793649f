public enum Synthesis {
  /// Stands in the comment of every file that `synthesize` writes, so that it is known wherever it is moved.
  public static let mark = "synthetic speech"
}
