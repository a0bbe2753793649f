import Encoding
import Posix

/// Findings that need a comparison of all recordings.
extension RecordingCheck {
  /// An analysed recording.
  struct Member: Sendable {
    var take: Take
    var text: String
    var analysis: RecordingAnalysis

    /// Whether it is long enough to be distinguished from any other.
    var isLong: Bool { analysis.measures.speech.map { $0.length >= 1 } ?? false }

    /// Whether it is speech synthesis of exactly this wording, so that it cannot be of another prompt.
    var isProven: Bool { analysis.synthetic && analysis.wording == Digest.sha256(text) }
  }

  /// Returns findings for the same sound under two names, and for recordings much louder or softer than their voice.
  func findings(among members: [Member], threads: Int) -> [CheckFinding] {
    twins(members, threads: threads) + uneven(members)
  }

  /// Returns findings for recordings of different wordings that are the same sound.
  ///
  /// Each finding names the most similar recording. Only a listener can decide which of the two is wrong, except where one
  /// is speech synthesis of its wording.
  private func twins(_ members: [Member], threads: Int) -> [CheckFinding] {
    let limit = limits.alike
    // Thousands of recordings make millions of pairs, so all that most pairs need is a comparison of numbers.
    let proven = members.map(\.isProven)
    let texts = Self.numbers(members.map(\.text))
    let languages = Self.numbers(members.map(\.take.language))
    let voices = Self.numbers(members.map(\.take.voice))
    let files = Self.numbers(members.map(\.analysis.sha256))
    let fingerprints = FingerprintTable(members.map(\.analysis.fingerprint))
    let pairs = Workers.map(members.count, threads: threads) { a in
      (a + 1..<members.count).compactMap { b -> (a: Int, b: Int, likeness: Double)? in
        if texts[a] == texts[b] && (languages[a] != languages[b] || voices[a] == voices[b]) { return nil }
        if proven[a] && proven[b] { return nil }
        if files[a] == files[b] { return (a, b, 100) }
        let likeness = fingerprints.likeness(a, b)
        return likeness >= limit ? (a, b, likeness) : nil
      }
    }
    var nearest: [Int: (other: Int, likeness: Double)] = [:]
    for pair in pairs.joined() {
      for (one, other) in [(pair.a, pair.b), (pair.b, pair.a)] where !proven[one] {
        if pair.likeness > nearest[one]?.likeness ?? 0 { nearest[one] = (other, pair.likeness) }
      }
    }
    return nearest.sorted { $0.key < $1.key }.map { index, twin in
      let (take, other) = (members[index].take, members[twin.other].take)
      let isOtherVoice = take.language == other.language && take.prompt == other.prompt
      // Single words of two languages can be similar, and so can two sentences that differ in one word.
      let isSure =
        twin.likeness == 100 || twin.likeness >= Self.sure && members[index].isLong && members[twin.other].isLong
      return take.finding(
        .twin, isOtherVoice || !isSure ? .warning : .error, "the same sound as \(other.path)",
        "listen to both, and record again the one that is wrong",
        limits.measure(twin.likeness, .percent, .alike))
    }
  }

  /// Returns a number for each text, the same for equal texts.
  private static func numbers(_ texts: [String]) -> [Int] {
    var known: [String: Int] = [:]
    return texts.map { text in
      if let number = known[text] { return number }
      let number = known.count
      known[text] = number
      return number
    }
  }

  /// Per cent of likeness that only copies reached in tests.
  private static let sure = 95.0

  /// The minimum number of recordings of a voice for a median.
  private static let company = 5

  private func uneven(_ members: [Member]) -> [CheckFinding] {
    Dictionary(grouping: members) { "\($0.take.language)/\($0.take.voice)" }.sorted { $0.key < $1.key }.flatMap {
      _, group -> [CheckFinding] in
      let voices = group.compactMap { member in member.analysis.measures.speech.map { (member.take, $0.loudness) } }
      if voices.count < Self.company { return [] }
      let middle = voices.map(\.1).sorted()[voices.count / 2]
      return voices.filter { abs($0.1 - middle) > limits.spread }.map { take, loudness in
        let distance = loudness - middle
        return take.finding(
          .uneven, .warning,
          "\(abs(distance).tenths) LU \(distance < 0 ? "softer" : "louder") than the other recordings of its voice",
          "listen to it: perhaps another distance, microphone or speaker",
          limits.measure(abs(distance), .lu, .spread))
      }
    }
  }
}
