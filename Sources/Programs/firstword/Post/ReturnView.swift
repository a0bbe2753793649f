import Catalogue
import Diagnostics
import Import
import Project

/// Prints what came back from a speaker or reviewer, and what the import does with it.
struct ReturnView {
  private let plan: ReturnPlan
  private let file: PostReturn
  private let catalogue: Catalogue

  init(_ plan: ReturnPlan, _ file: PostReturn, catalogue: Catalogue) {
    (self.plan, self.file, self.catalogue) = (plan, file, catalogue)
  }

  func show() {
    let content = file.content
    let language = catalogue.language(content.language)?.english ?? content.language
    print(Terminal.paint("\(language) by \(content.name), file \(content.serial), saved \(content.made)", .bold))
    if let day = plan.imported { print("This file was imported on \(day).") }
    if let speaker = plan.speaker, plan.imported == nil { show(speaker) }
    if !plan.takes.rows.isEmpty { PlanView(plan.takes, catalogue: catalogue).show() }
    if let trust = plan.trust { print("Signed by the key \(file.key.id), \(words(for: trust))") }
    section("Approvals", plan.approvals) { line in
      "\(line.revokes == true ? "revoked" : "accepted")  \(line.kind.rawValue)  \(line.prompt)"
    }
    section("Notes", plan.notes.filter { $0.note != nil }) { line in
      let text: Printable = line.kind == .wording ? "the words" : "the recording"
      return "\(line.prompt), \(text): \(line.note ?? "")\(line.back.map { " (understood: \($0))" } ?? "")"
    }
    for remark in plan.remarks { print(Terminal.paint("! \(remark)", .yellow)) }
  }

  private func show(_ speaker: Speaker) {
    print(
      "Voice \(speaker.language)/\(speaker.voice), speaker '\(speaker.pseudonym)'\(plan.isNewSpeaker ? "" : ", known")"
    )
    if plan.isNewSpeaker {
      print("  consent of \(speaker.consent): \(speaker.licence)")
      print("  will be entered in \(Speakers.name), with the hash of a code with which the speaker can withdraw")
    }
    if plan.entersKey {
      print("  the key of the browser, and the hash of the code with which the speaker can withdraw, will be entered")
    }
    if let room = file.content.sound?.room {
      print("  noise of the room, as the page measured it: \(room.tenths) dBFS")
    }
  }

  private func words(for trust: ReturnPlan.Trust) -> Printable {
    switch trust {
    case .vouched: "for which you have vouched"
    case .seen(let day): Terminal.paint("first seen on \(day): nobody has vouched for it", .yellow)
    case .new: Terminal.paint("a key first seen today: its approvals are claims until somebody vouches for it", .yellow)
    }
  }

  private func section<Line>(_ title: String, _ lines: [Line], _ show: (Line) -> Printable) {
    if lines.isEmpty { return }
    print(Terminal.paint("\(title) (\(lines.count))", .bold))
    for line in lines { print("  \(show(line))") }
  }

  /// What is imported: `3 recordings, 1 note and the consent`.
  var summary: Printable {
    let counts = [
      (plan.takes.placed.count, "recording"), (plan.approvals.count, "approval"), (plan.notes.count, "note"),
    ]
    var parts = counts.filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
    if plan.isNewSpeaker { parts.append("a consent") }
    if plan.entersKey { parts.append("a key of the speaker") }
    return Printable(parts.joined(separator: ", "))
  }

  func result(_ imported: [ImportRecord]) -> Printable {
    let aside = plan.takes.placed.count { $0.isAside }
    return "\(summary) imported\(aside > 0 ? "; \(counted(aside, "recording")) of changed wordings kept in takes" : "")"
  }
}

/// The import of a returned file as JSON.
struct ReturnReport: Encodable {
  var done: Bool
  var kind: String
  var page: String
  var language: String
  var name: String
  var serial: Int
  var key: String
  /// `vouched`, `seen` or `new`; absent for a speaker.
  var trust: String?
  var imported: String?
  var voice: String?
  var newSpeaker: Bool
  var takes: PlanReport
  var approvals: [Approval]
  var notes: [ReviewNote]
  var remarks: [String]

  init(_ plan: ReturnPlan, _ file: PostReturn, isDone: Bool) {
    done = isDone
    (kind, page, language) = (file.content.kind.rawValue, file.content.page, file.content.language)
    (name, serial, key) = (file.content.name, file.content.serial, file.key.id.description)
    trust = plan.trust.map { trust in
      switch trust {
      case .vouched: "vouched"
      case .seen: "seen"
      case .new: "new"
      }
    }
    (imported, voice, newSpeaker) = (plan.imported, plan.speaker?.voice, plan.isNewSpeaker)
    takes = PlanReport(plan.takes, isDone: isDone)
    (approvals, notes, remarks) = (plan.approvals, plan.notes, plan.remarks)
  }
}
