import Catalogue
import Project

extension Standing {
  var measure: CheckFinding.Measure { CheckFinding.Measure(Double(people), .names, threshold: Double(Self.required)) }

  /// Nothing where it is approved.
  func lack(of what: String) -> (CheckFinding.Code, String)? {
    if people >= Self.required { return nil }
    if let expired, peopleIncludingExpired > people {
      let ended = peopleIncludingExpired - people
      return (
        .expired,
        "\(what) is approved by \(people) of \(Self.required) names; the approval of \(ended) ended on \(expired)"
      )
    }
    return (.unapproved, "\(what) is approved by \(people) of \(Self.required) names")
  }
}

/// Which words were approved when: what a ledger tells beyond who stands by what.
struct ApprovalHistory {
  private let approvals: Approvals
  /// Wordings that were ever approved, by language and prompt.
  private let wordings: [String: [Approval]]

  init(_ approvals: Approvals) {
    self.approvals = approvals
    wordings = Dictionary(
      grouping: approvals.entries.filter { $0.kind == .wording && $0.revokes != true }
    ) { "\($0.language)/\($0.prompt)" }
  }

  /// Whether a recording was approved while another wording was, and this one came later or never.
  func outlived(_ recording: String, by wording: String, language: String, prompt: String) -> Bool {
    let approved = approvals.approvals(of: recording, kind: .recording, language: language, prompt: prompt)
    guard let day = approved.map(\.date).max() else { return false }
    let read = wordings["\(language)/\(prompt)", default: []].filter { $0.date <= day }
    return !read.isEmpty && !read.contains { $0.hash == wording }
  }

  /// Lines whose signature is wrong.
  var forged: [Approval] { approvals.entries.filter { approvals.proof(of: $0) == .forged } }
}
