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
    if discounted > 0 {
      let others = discounted == 1 ? "1 other has no valid signature" : "\(discounted) others have no valid signature"
      return (
        .unapproved,
        "\(what) is approved by \(people) of \(Self.required) names that a key proves, as 'approvals: proved' in kit.yaml "
          + "requires; \(others)"
      )
    }
    return (.unapproved, "\(what) is approved by \(people) of \(Self.required) names")
  }

  /// What to do about a lack of approvals.
  ///
  /// - Parameter examine: what native speakers do with the content: `read it`.
  func remedy(_ examine: String) -> String {
    discounted > 0
      ? "have the reviewers approve it again with --key" : "have native speakers \(examine): 'firstword review'"
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
