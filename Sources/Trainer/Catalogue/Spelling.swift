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
    let letters = Array(word.lowercased().unicodeScalars)
    var nearest: (distance: Int, candidate: String)?
    for candidate in candidates where candidate.utf8.count <= 256 {
      let other = Array(candidate.lowercased().unicodeScalars)
      guard let distance = editDistance(from: letters, to: other, atMost: nearest?.distance ?? limit) else { continue }
      if let best = nearest, (best.distance, best.candidate) <= (distance, candidate) { continue }
      nearest = (distance, candidate)
    }
    return nearest?.candidate
  }

  /// Returns the edit distance: insertions, deletions, substitutions, swaps of neighbours (optimal string alignment).
  ///
  /// - Returns: nil above `limit`, as soon as that is certain.
  private static func editDistance(from a: [Unicode.Scalar], to b: [Unicode.Scalar], atMost limit: Int) -> Int? {
    guard abs(a.count - b.count) <= limit else { return nil }
    var before: [Int] = []
    var row = Array(0...b.count)
    var fewestBefore = 0
    for i in a.indices {
      var next = [i + 1]
      next.reserveCapacity(b.count + 1)
      var fewest = i + 1
      for j in b.indices {
        var edits = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { edits = min(edits, before[j - 1] + 1) }
        next.append(edits)
        fewest = min(fewest, edits)
      }
      // A swap looks back two rows.
      if min(fewest, fewestBefore) > limit { return nil }
      (before, row, fewestBefore) = (row, next, fewest)
    }
    return row[b.count] <= limit ? row[b.count] : nil
  }
}
