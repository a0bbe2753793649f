import Catalogue
import Diagnostics
import Glibc
import Kit
import Posix

/// The approvals ledger of a project, `approvals.jsonl`. The status of wordings and recordings follows from it.
///
/// An approval names the hash of its content, so an edit of the content ends it. A name alone is a claim; a signature
/// proves it if the signer's public key is in the project's directory `reviewers`. The trainer decides whose keys are
/// put there.
public struct Approvals: Equatable, Sendable {
  /// The ledger's file name in a project's directory.
  public static let name = "approvals.jsonl"
  /// The name of the directory with the reviewers' public keys, beside the ledger.
  public static let reviewers = "reviewers"

  /// The lines in the order of the file.
  public private(set) var entries: [Approval]
  /// Which of the approvals count.
  public let policy: ApprovalPolicy
  private let keys: [PublicKey]
  /// The indices of entries by content hash.
  private var byHash: [String: [Int]]

  /// The ids of the reviewers' keys that are known.
  public var keyIDs: [KeyID] { keys.map(\.id) }

  /// Creates a ledger from its lines, the reviewers' public keys, and the project's policy.
  public init(_ entries: [Approval] = [], keys: [PublicKey] = [], policy: ApprovalPolicy = .names) {
    self.entries = entries
    self.keys = keys
    self.policy = policy
    byHash = Dictionary(grouping: entries.indices) { entries[$0].hash }
  }

  /// Reads a ledger and the reviewers' keys beside it.
  ///
  /// - Parameter path: the ledger's file.
  /// - Returns: an empty ledger if there is no file.
  /// - Throws: ``DiagnosticsError`` with every line that has an unknown key or an invalid value, because such a line
  ///   might revoke an approval.
  public static func read(_ path: String) throws(DiagnosticsError) -> Approvals {
    let lines = try JSONLines.read(
      StrictApproval.self, path, what: "an approval",
      remedy: "restore the line from a copy, or remove it and approve again")
    let directory = Path(path).parent.appending(reviewers).string
    guard Files.isDirectory(directory) else { return Approvals(lines.map(\.approval)) }
    do throws(KeyError) {
      return Approvals(lines.map(\.approval), keys: try TrustedKeys(reading: directory).keys)
    } catch {
      throw DiagnosticsError([
        Diagnostic(
          path: directory, message: "a reviewer's key cannot be read: \(error)",
          remedy: "replace it with the right one")
      ])
    }
  }

  /// Appends lines to a ledger, all or none, and syncs it. Several processes may append at the same time.
  public static func append(_ entries: [Approval], to path: String) throws(SystemError) {
    try JSONLines.append(entries, to: path)
  }

  /// Returns the ledger with more entries, as if they had been appended to its file.
  ///
  /// - Parameter key: a public key to know in addition; nil for none.
  public func adding(_ more: [Approval], key: PublicKey? = nil) -> Approvals {
    Approvals(entries + more, keys: keys + (key.map { [$0] } ?? []), policy: policy)
  }

  /// Returns the same ledger under a project's policy.
  public func under(_ policy: ApprovalPolicy) -> Approvals { Approvals(entries, keys: keys, policy: policy) }

  /// How far the name of a line is proved.
  public enum Proof: Equatable, Sendable {
    /// The line is not signed.
    case claim
    /// The line is signed by this known key.
    case key(KeyID)
    /// The line is signed by a key that is not in `reviewers`; it counts as a claim.
    case unknownKey(KeyID)
    /// The signature is invalid; the line does not count.
    case forged
  }

  /// Returns how far the name of a line is proved.
  public func proof(of entry: Approval) -> Proof {
    guard entry.key != nil || entry.signature != nil else { return .claim }
    guard let id = entry.key.flatMap({ KeyID($0) }), let text = entry.signature,
      let signature = try? Signature(Array(text.utf8)), signature.key == id
    else { return .forged }
    let known = keys.filter { $0.id == id }
    if known.isEmpty { return .unknownKey(id) }
    return known.contains { (try? signature.verify(entry.statement, by: $0)) != nil } ? .key(id) : .forged
  }

  /// Returns the approvals of one wording or recording, counted by person.
  ///
  /// - Parameters:
  ///   - hash: the SHA-256 of the content.
  ///   - day: approvals that expired before this day do not count (`2026-05-01`); nil to ignore expiry.
  public func standing(
    of hash: String, kind: Approval.Kind, language: String, prompt: String, on day: String? = nil
  ) -> Standing {
    let votes = votes(hash, kind, language, prompt)
    let isExpired = { (entry: Approval) in day.map { day in entry.expires.map { $0 < day } ?? false } ?? false }
    let valid = votes.filter { !isExpired($0.entry) }
    let (all, proved) = (Self.people(valid), Self.people(valid.filter { $0.key != nil }))
    return Standing(
      people: policy == .proved ? proved : all, proved: proved, unproved: all - proved,
      keys: Set(valid.compactMap(\.key)), peopleIncludingExpired: Self.people(counted(votes)),
      expired: counted(votes).map(\.entry).filter(isExpired).compactMap(\.expires).max())
  }

  /// Returns the status of one wording or recording.
  public func status(
    of hash: String, kind: Approval.Kind, language: String, prompt: String, on day: String? = nil
  ) -> Status {
    standing(of: hash, kind: kind, language: language, prompt: prompt, on: day).status
  }

  /// Returns the approvals of one wording or recording that count under the policy and are neither revoked nor forged,
  /// including expired ones.
  public func approvals(
    of hash: String, kind: Approval.Kind, language: String, prompt: String
  ) -> [Approval] {
    counted(votes(hash, kind, language, prompt)).map(\.entry)
  }

  /// Returns another name than `name` under which a key has signed, or nil if there is none.
  public func otherName(of key: KeyID, than name: String) -> String? {
    entries.first {
      $0.key == key.description && PersonName($0.name) != PersonName(name) && proof(of: $0) != .forged
    }?.name
  }

  private typealias Vote = (entry: Approval, person: PersonName, key: KeyID?)

  /// Approvals of one content that are neither revoked nor forged, in the order of the file. A merge of two files keeps
  /// the order of one person's lines.
  private func votes(_ hash: String, _ kind: Approval.Kind, _ language: String, _ prompt: String) -> [Vote] {
    var votes: [Vote] = []
    for index in byHash[hash, default: []] {
      let entry = entries[index]
      guard entry.kind == kind, entry.language == language, entry.prompt == prompt,
        let person = PersonName(entry.name)
      else { continue }
      let proof = proof(of: entry)
      // A revocation needs no proof: without the approval the content is at worst a draft.
      if entry.revokes == true {
        votes.removeAll { $0.person == person }
      } else if case .key(let id) = proof {
        votes.append((entry, person, id))
      } else if proof != .forged {
        votes.append((entry, person, nil))
      }
    }
    return votes
  }

  /// Returns the votes that count under the policy.
  private func counted(_ votes: [Vote]) -> [Vote] { policy == .proved ? votes.filter { $0.key != nil } : votes }

  /// Returns the number of people: votes with the same name or the same key belong to one person.
  private static func people(_ votes: [Vote]) -> Int {
    var groups: [(names: Set<PersonName>, keys: Set<KeyID>)] = []
    for vote in votes {
      var own: (names: Set<PersonName>, keys: Set<KeyID>) = ([vote.person], vote.key.map { [$0] } ?? [])
      for group in groups where !group.names.isDisjoint(with: own.names) || !group.keys.isDisjoint(with: own.keys) {
        own.names.formUnion(group.names)
        own.keys.formUnion(group.keys)
      }
      groups.removeAll { !$0.names.isDisjoint(with: own.names) }
      groups.append(own)
    }
    return groups.count
  }
}

/// An approval whose keys and values have been validated.
private struct StrictApproval: Decodable {
  let approval: Approval

  init(from decoder: any Decoder) throws {
    try LineKey.check(
      decoder,
      known: [
        "hash", "kind", "language", "prompt", "name", "role", "date", "expires", "revokes", "key", "signature",
      ])
    approval = try Approval(from: decoder)
    try LineKey.checkHash(approval.hash)
    try LineKey.checkDate("date", approval.date)
    try LineKey.checkDate("expires", approval.expires)
    try LineKey.checkName(approval.name)
    // The signed statement has one line for each field.
    for (key, text) in [("language", approval.language), ("prompt", approval.prompt)]
    where text.contains(where: \.isNewline) {
      throw LineKey.corrupted(key, "it has a line break")
    }
  }
}
