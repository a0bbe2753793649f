import Catalogue

/// The approvals, by what they vouch for.
struct Ledger {
  private let byHash: [String: [Approval]]
  /// Wordings that were ever approved, by language and prompt.
  private let wordings: [String: [Approval]]
  /// Approvals that had expired before it do not count; `nil` where none can have.
  private let day: String?

  init(_ approvals: Approvals, day: String?) {
    byHash = Dictionary(grouping: approvals.entries, by: \.hash)
    wordings = Dictionary(grouping: approvals.entries.filter { $0.kind == .wording }) { "\($0.language)/\($0.prompt)" }
    self.day = day
  }

  /// How many different names vouch for something.
  struct Standing: Equatable {
    /// Today, and on any day.
    var names: Int
    var ever: Int
    /// The last day on which one of the expired counted.
    var expired: String?

    /// Two names are an approval.
    static let due = 2

    var measure: CheckFinding.Measure { CheckFinding.Measure(Double(names), .names, threshold: Double(Self.due)) }

    /// Nothing where it is approved.
    func lack(of what: String) -> (CheckFinding.Code, String)? {
      if names >= Self.due { return nil }
      if let expired, ever > names {
        return (
          .expired,
          "\(what) is approved by \(names) of \(Self.due) names; the approval of \(ever - names) ended on \(expired)"
        )
      }
      return (.unapproved, "\(what) is approved by \(names) of \(Self.due) names")
    }
  }

  func standing(of hash: String, _ kind: Approval.Kind, language: String, prompt: String) -> Standing {
    let all = byHash[hash, default: []].filter {
      $0.kind == kind && $0.language == language && $0.prompt == prompt
    }
    let expired = all.filter { entry in day.map { day in entry.expires.map { $0 < day } ?? false } ?? false }
    let valid = all.filter { !expired.contains($0) }
    return Standing(
      names: Self.names(valid), ever: Self.names(all), expired: expired.compactMap(\.expires).max())
  }

  /// Whether a recording was approved while another wording was, and this one came later or never.
  func outlived(_ recording: String, by wording: String, language: String, prompt: String) -> Bool {
    let heard = byHash[recording, default: []].filter {
      $0.kind == .recording && $0.language == language && $0.prompt == prompt
    }
    guard let day = heard.map(\.date).max() else { return false }
    let read = wordings["\(language)/\(prompt)", default: []].filter { $0.date <= day }
    return !read.isEmpty && !read.contains { $0.hash == wording }
  }

  /// As `Approvals.status` tells names apart.
  private static func names(_ entries: [Approval]) -> Int {
    Set(entries.map { $0.name.lowercased().filter { !$0.isWhitespace } }).count
  }
}
