import KitBuilder

/// The findings of a check as lines of text: hundreds of the same kind would hide the others.
struct FindingLines {
  /// A line, and the severity that gives its colour.
  struct Line: Equatable {
    var text: String
    var severity: CheckFinding.Severity
  }

  let lines: [Line]

  /// Creates the lines: one for each error and warning, one for each language that lacks several recordings, and one
  /// for each kind of note.
  init(_ findings: [CheckFinding]) {
    var lines: [Line] = []
    var missing = Dictionary(grouping: findings.filter { $0.code == .missing }) { $0.language ?? "" }
      .filter { $0.value.count > 1 }
    for finding in findings where finding.severity != .note {
      guard finding.code == .missing, let tag = finding.language else {
        lines.append(Line(text: "\(finding)", severity: finding.severity))
        continue
      }
      if let all = missing.removeValue(forKey: tag) {
        lines.append(Line(text: Self.summary(all), severity: finding.severity))
      } else if findings.filter({ $0.code == .missing && $0.language == tag }).count == 1 {
        lines.append(Line(text: "\(finding)", severity: finding.severity))
      }
    }
    let notes = Dictionary(grouping: findings.filter { $0.severity == .note }, by: \.code.rawValue)
    for (_, same) in notes.sorted(by: { $0.key < $1.key }) {
      guard let first = same.first else { continue }
      lines.append(
        Line(text: same.count == 1 ? "\(first)" : "\(first) (and \(same.count - 1) more like it)", severity: .note))
    }
    self.lines = lines
  }

  /// Returns one line for the missing recordings of a language, with the first three of their prompts.
  private static func summary(_ missing: [CheckFinding]) -> String {
    let prompts = missing.compactMap(\.prompt)
    let named = prompts.prefix(3).joined(separator: ", ") + (prompts.count > 3 ? " and \(prompts.count - 3) more" : "")
    let first = missing[0]
    return "\(first.path.printable): \(first.severity): \(missing.count) recordings are missing (\(named)): "
      + "\(first.remedy) [\(first.code.rawValue)]"
  }
}
