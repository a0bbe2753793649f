import Foundation

/// Patterns of English that a reader must decode, each with the plain form.
enum PlainEnglish {
  struct Rule: Sendable {
    /// A regular expression; `^` matches at each line.
    let pattern: String
    /// Phrases that contain the pattern and are plain; also regular expressions.
    var allowed: [String] = []
    let advice: String
  }

  static let rules: [Rule] = [
    Rule(
      pattern: #"(^ *(///|//|#|\*|/\*)?\s*|[.:;(|] |")Who [a-z]+"#, allowed: [#"Who [^.]*\?"#],
      advice: "name the person: 'the user that …', 'anyone who …'"),
    Rule(
      pattern: #"(;|\bso that|\bfor|\bby|\bof|\bto|\bbut) who [a-z]+"#,
      advice: "name the person: 'the user that …', 'anyone who …'"),
    Rule(pattern: #"\b[Ww]ho(so)?ever\b"#, advice: "anyone who …, the … that"),
    Rule(
      pattern: #"\b(is|are|was|were|be|been|being|gets?) told\b"#, allowed: [#"told (apart|to)\b"#],
      advice: "… is reported"),
    Rule(pattern: #"\b[Tt]old (of|once|by|again)\b"#, advice: "reported"),
    Rule(pattern: #"\b(tell|tells|telling) of\b"#, advice: "report"),
    Rule(
      pattern: #"\b[Bb]ehind\b"#,
      allowed: [#"(leaves?|left|leaving) behind"#, #"(was|is|far) behind( by)?"#, #"behind (the|your) ear"#],
      advice: "after, or follows"),
    Rule(pattern: #"\bnot to be had\b"#, advice: "unavailable"),
    Rule(pattern: #"\bleft lying\b"#, advice: "remains, or is missed"),
    Rule(pattern: #"\bthat which\b"#, advice: "name the thing"),
    Rule(pattern: #"\b(on and on|at all events|a bit of nothing|no whole story|in an instant)\b"#, advice: "say when"),
    Rule(pattern: #"\bat the (most|least)\b"#, advice: "at most, at least"),
    Rule(pattern: #"\bas far as the less far\b"#, advice: "name the value"),
    Rule(pattern: #"\bnone of ours\b"#, advice: "say whose it is"),
  ]

  /// Returns a line for each phrase of `text` that breaks a rule: its line number, the phrase, and the advice.
  static func findings(in text: String) throws -> [String] {
    let text = text as NSString
    var found: [String] = []
    for rule in rules {
      let pattern = try NSRegularExpression(pattern: rule.pattern, options: .anchorsMatchLines)
      for match in pattern.matches(in: text as String, range: NSRange(location: 0, length: text.length)) {
        // What is left of the line without the phrases that are allowed.
        let line = NSMutableString(string: text.substring(with: text.lineRange(for: match.range)))
        for allowed in rule.allowed {
          _ = try NSRegularExpression(pattern: allowed)
            .replaceMatches(in: line, range: NSRange(location: 0, length: line.length), withTemplate: "")
        }
        guard pattern.firstMatch(in: line as String, range: NSRange(location: 0, length: line.length)) != nil else {
          continue
        }
        let number = text.substring(to: match.range.upperBound).split(separator: "\n", omittingEmptySubsequences: false)
          .count
        found.append("\(number): '\(text.substring(with: match.range).drop { !$0.isLetter })': \(rule.advice)")
      }
    }
    return found
  }
}
