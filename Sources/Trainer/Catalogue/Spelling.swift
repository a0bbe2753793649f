/// Suggests corrections of mistyped words.
public enum Spelling {
  /// Returns ` (did you mean 'stop'?)`, or an empty text if no candidate is similar.
  public static func hint(_ word: String, _ candidates: some Sequence<String>) -> String {
    nearest(word, candidates).map { " (did you mean '\($0)'?)" } ?? ""
  }

  /// Returns the candidate with the smallest edit distance, at most one edit in three letters.
  static func nearest(_ word: String, _ candidates: some Sequence<String>) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let limit = max(1, word.count / 3)
    let ranked = candidates.map { ($0, editDistance(from: word.lowercased(), to: $0.lowercased())) }
    return ranked.filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// Returns the edit distance: insertions, deletions, substitutions, swaps of neighbours (optimal string alignment).
  private static func editDistance(from a: String, to b: String) -> Int {
    let a = Array(a)
    let b = Array(b)
    var before: [Int] = []
    var row = Array(0...b.count)
    for i in a.indices {
      var next = [i + 1]
      for j in b.indices {
        var fewest = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { fewest = min(fewest, before[j - 1] + 1) }
        next.append(fewest)
      }
      (before, row) = (row, next)
    }
    return row[b.count]
  }
}
