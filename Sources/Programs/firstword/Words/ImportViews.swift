import Catalogue
import Diagnostics
import Encoding
import Import
import KitBuilder

/// Prints an import's plan: each file's destination with the reason, the open decisions, and the excluded files.
struct PlanView {
  private let plan: ImportPlan
  private let catalogue: Catalogue

  init(_ plan: ImportPlan, catalogue: Catalogue) {
    self.plan = plan
    self.catalogue = catalogue
  }

  func show() {
    section("To import", plan.placed)
    section("Need a decision, not imported", plan.rows.filter { $0.fate == .open })
    section("Unusable", plan.rows.filter { $0.fate == .unusable })
    section("Already imported", plan.rows.filter { if case .known = $0.fate { true } else { false } })
    section("Excluded", plan.rows.filter { $0.fate == .leftOut })
    if !plan.leftOut.isEmpty {
      head("Not audio files", plan.leftOut.count)
      for (name, reason) in plan.leftOut.prefix(Self.maximum) { print("  \(name.printable)  \(reason)") }
      if plan.leftOut.count > Self.maximum { print("  and \(plan.leftOut.count - Self.maximum) more") }
    }
    for remark in plan.remarks { print(Terminal.paint("! \(remark)", .yellow)) }
  }

  private static let maximum = 20

  private func head(_ title: String, _ count: Int) { print(Terminal.paint("\(title) (\(count))", .bold)) }

  private func section(_ title: String, _ rows: [ImportPlan.Row]) {
    if rows.isEmpty { return }
    head(title, rows.count)
    let tags = rows.map { $0.language ?? "?" }
    let prompts = rows.map { $0.prompt?.stem ?? "?" }
    let voices = rows.map { $0.voice ?? "?" }
    let lengths = rows.map { $0.seconds > 0 ? "\($0.seconds.tenths) s" : "" }
    let columns = [tags, voices, prompts, lengths].map { cells in cells.map(\.count).max() ?? 0 }
    for (index, row) in rows.enumerated() {
      let cells = zip([tags[index], voices[index], prompts[index]], columns).map(filled)
      let length = String(repeating: " ", count: columns[3] - lengths[index].count) + lengths[index]
      print("  \(cells.joined(separator: "  "))  \(length)  \(origin(row))")
      for line in details(row) { print("      \(line)") }
    }
  }

  /// Returns the file and the piece of it. Names may be in a right-to-left script, so they end the line.
  private func origin(_ row: ImportPlan.Row) -> String {
    guard let piece = row.piece else { return row.name.printable }
    return "\(piece.lowerBound.place) to \(piece.upperBound.place)  \(row.name.printable)"
  }

  private func details(_ row: ImportPlan.Row) -> [Printable] {
    var lines: [Printable] = []
    if row.piece != nil, let prompt = row.prompt, let tag = row.language,
      let text = catalogue.wording(prompt.id, in: tag)?.text
    {
      lines.append("\(text)")
    }
    if case .replaces(let path) = row.fate { lines.append(Terminal.paint("replaces \(path)", .yellow)) }
    if case .known(let reason) = row.fate {
      lines.append(Terminal.paint(reason, .faint))
    } else if !row.reasons.isEmpty && row.piece == nil {
      lines.append(Terminal.paint("by \(row.reasons.joined(separator: ", "))", .faint))
    }
    if !row.isCopy && row.piece == nil && row.prompt != nil { lines.append(Terminal.paint("converted to WAV", .faint)) }
    let colour: Terminal.Colour = row.fate == .unusable ? .red : .yellow
    lines += row.doubts.map { Terminal.paint("? \($0.printable)", colour) }
    lines += row.remarks.map { Terminal.paint("! \($0.printable)", .yellow) }
    lines += row.findings.filter { $0.severity != .note }.map { finding in
      Terminal.paint(
        "! \(finding.severity.rawValue): \(finding.message): \(finding.remedy)",
        finding.severity == .error ? .red : .yellow)
    }
    return lines
  }
}

/// An import's plan as JSON.
struct PlanReport: Encodable {
  var done: Bool
  var rows: [Row]
  var leftOut: [Aside]
  var remarks: [String]

  struct Row: Encodable {
    var file: String
    var start: Double?
    var end: Double?
    var sha256: String
    var seconds: Double
    /// `new`, `replaces`, `known`, `open`, `unusable` or `left-out`.
    var fate: String
    /// Whether a piece of a long take may be another line or none.
    var uncertain: Bool
    var language: String?
    var prompt: String?
    var number: Int?
    var voice: String?
    var path: String?
    var reasons: [String]
    var doubts: [String]
    var remarks: [String]
    /// What the check reports of a recording that came back by post; absent if it reports nothing.
    var findings: [CheckFinding]?
  }

  struct Aside: Encodable {
    var file: String
    var why: String
  }

  init(_ plan: ImportPlan, isDone: Bool) {
    done = isDone
    rows = plan.rows.map { row in
      Row(
        file: row.name, start: row.piece?.lowerBound, end: row.piece?.upperBound, sha256: row.sha256,
        seconds: row.seconds, fate: row.fate.name, uncertain: row.isUncertain, language: row.language,
        prompt: row.prompt?.id,
        number: row.prompt?.number, voice: row.voice,
        path: row.isAside ? nil : row.placement?.path(ending: row.ending),
        reasons: row.reasons,
        doubts: row.doubts, remarks: row.remarks, findings: row.findings.isEmpty ? nil : row.findings)
    }
    leftOut = plan.leftOut.map { Aside(file: $0.name, why: $0.reason) }
    remarks = plan.remarks
  }
}
