import Catalogue
import Project

extension Standing {
  /// The number of people, and the number that is required.
  var measure: CheckFinding.Measure { CheckFinding.Measure(Double(people), .names, threshold: Double(Self.required)) }

  /// Returns a code and a message for content that is not approved; nil if it is.
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

/// The order in which wordings and recordings were approved.
struct ApprovalHistory {
  private let approvals: Approvals
  /// All approvals of wordings, by language and prompt.
  private let wordings: [String: [Approval]]

  init(_ approvals: Approvals) {
    self.approvals = approvals
    wordings = Dictionary(
      grouping: approvals.entries.filter { $0.kind == .wording && $0.revokes != true }
    ) { "\($0.language)/\($0.prompt)" }
  }

  /// Returns whether a recording was approved when another wording was approved, and this one was not.
  func outlived(_ recording: String, by wording: String, language: String, prompt: String) -> Bool {
    let approved = approvals.approvals(of: recording, kind: .recording, language: language, prompt: prompt)
    guard let day = approved.map(\.date).max() else { return false }
    let read = wordings["\(language)/\(prompt)", default: []].filter { $0.date <= day }
    return !read.isEmpty && !read.contains { $0.hash == wording }
  }

  /// The lines with an invalid signature.
  var forged: [Approval] { approvals.entries.filter { approvals.proof(of: $0) == .forged } }
}
