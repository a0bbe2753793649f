import Catalogue
import Diagnostics
import Glibc
import Kit
import Posix

/// One line of the approvals ledger: somebody vouches for one wording or recording, as it was that day, or takes that
/// back.
public struct Approval: Codable, Equatable, Sendable {
  /// SHA-256 of what was approved, lower-case hexadecimal: the wording's text as UTF-8, or the recording's file.
  public var hash: String
  public var kind: Kind
  /// BCP 47: equal texts of two languages are not the same wording.
  public var language: String
  /// Id.
  public var prompt: String
  /// Who vouches; a claim until a signature proves it.
  public var name: String
  public var role: Role
  /// `2026-05-01`.
  public var date: String
  /// The last day on which it counts; nil for ever.
  public var expires: String?
  /// True where it takes back what this name has approved of the same content before.
  public var revokes: Bool?
  /// Id of the reviewer's own key and the signature of `statement` in minisign's form, where one signed.
  public var key: String?
  public var signature: String?

  public enum Kind: String, Codable, CaseIterable, Sendable { case wording, recording }

  public enum Role: String, Codable, CaseIterable, Sendable {
    /// A native speaker who listened or read.
    case listener
    /// One who translated it back without sight of the source.
    case backTranslator = "back-translator"
  }

  public init(
    hash: String, kind: Kind, language: String, prompt: String, name: String, role: Role, date: String,
    expires: String? = nil, revokes: Bool? = nil, key: String? = nil, signature: String? = nil
  ) {
    self.hash = hash
    self.kind = kind
    self.language = language
    self.prompt = prompt
    self.name = name
    self.role = role
    self.date = date
    self.expires = expires
    self.revokes = revokes
    self.key = key
    self.signature = signature
  }

  /// What a reviewer's key signs: everything that the line says, a line for each.
  public var statement: [UInt8] {
    let verb = revokes == true ? "revokes" : "approves"
    let fields = [
      "firstword-approval/1", verb, kind.rawValue, hash, language, prompt, name, role.rawValue, date, expires ?? "",
    ]
    return Array((fields.joined(separator: "\n") + "\n").utf8)
  }

  /// The same, signed with the reviewer's own key.
  public func signed(by key: SecretKey) throws(KeyError) -> Approval {
    let signature = try key.sign(statement, trustedComment: "firstword approval")
    var signed = self
    signed.key = signature.key.description
    signed.signature = String(decoding: signature.file, as: UTF8.self)
    return signed
  }
}

/// Who stands by one wording or recording. People are told apart by their names, and by their keys where they signed:
/// one key under two names is one person.
public struct Standing: Equatable, Sendable {
  /// People whose approval counts, and how many of them proved it with a key.
  public var people = 0
  public var proved = 0
  /// People whose approval counts or has expired.
  public var ever = 0
  /// The last day on which one of the expired counted.
  public var expired: String?

  /// Two people are an approval.
  public static let due = 2

  public var status: Status { people >= Self.due ? .approved : people == 1 ? .reviewed : .draft }

  /// Whether keys alone are enough for it.
  public var isProved: Bool { proved >= Self.due }
}

/// `approvals.jsonl`: what status follows from. An edit changes the hash, and so undoes an approval by itself.
///
/// A name alone is a claim. It is proved where the line is signed with a key whose public half lies in the project's
/// directory `reviewers`; who may put one there is the trainer's to decide.
public struct Approvals: Equatable, Sendable {
  /// Name of the file in a project's directory.
  public static let name = "approvals.jsonl"
  /// Name of the directory of the reviewers' public keys, beside the file.
  public static let reviewers = "reviewers"

  /// In the order of the file.
  public private(set) var entries: [Approval]
  private let keys: [PublicKey]
  /// Indices of entries.
  private var byHash: [String: [Int]]

  public init(_ entries: [Approval] = [], keys: [PublicKey] = []) {
    self.entries = entries
    self.keys = keys
    byHash = Dictionary(grouping: entries.indices) { entries[$0].hash }
  }

  /// Reads a ledger and the keys beside it; one that is not there is empty. A line that this program does not wholly
  /// understand is an error: it might take an approval back.
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
          remedy: "put the right one in its place")
      ])
    }
  }

  /// Adds lines to a ledger: all or none, and on the disk when this returns. Two people may do so at once.
  public static func append(_ entries: [Approval], to path: String) throws(SystemError) {
    try JSONLines.append(entries, to: path)
  }

  /// The ledger with more entries, as if they had been appended to its file.
  public func adding(_ more: [Approval], key: PublicKey? = nil) -> Approvals {
    Approvals(entries + more, keys: keys + (key.map { [$0] } ?? []))
  }

  /// What stands behind the name of a line.
  public enum Proof: Equatable, Sendable {
    /// Nothing.
    case claim
    /// The key that signed it.
    case key(KeyID)
    /// It is signed, with a key that does not lie in `reviewers`: no more than a claim.
    case stranger(KeyID)
    /// Its signature is wrong: it does not count.
    case forged
  }

  public func proof(of entry: Approval) -> Proof {
    guard entry.key != nil || entry.signature != nil else { return .claim }
    guard let id = entry.key.flatMap({ KeyID($0) }), let text = entry.signature,
      let signature = try? Signature(Array(text.utf8)), signature.key == id
    else { return .forged }
    let known = keys.filter { $0.id == id }
    if known.isEmpty { return .stranger(id) }
    return known.contains { (try? signature.verify(entry.statement, by: $0)) != nil } ? .key(id) : .forged
  }

  /// Who stands by one wording or recording.
  ///
  /// - Parameter day: approvals that had expired before it do not count (`2026-05-01`).
  public func standing(
    of hash: String, kind: Approval.Kind, language: String, prompt: String, on day: String? = nil
  ) -> Standing {
    let voices = voices(hash, kind, language, prompt)
    let isExpired = { (entry: Approval) in day.map { day in entry.expires.map { $0 < day } ?? false } ?? false }
    let valid = voices.filter { !isExpired($0.entry) }
    return Standing(
      people: Self.people(valid), proved: Self.people(valid.filter { $0.key != nil }), ever: Self.people(voices),
      expired: voices.map(\.entry).filter(isExpired).compactMap(\.expires).max())
  }

  /// How far one wording or recording has come: approved by two different people.
  public func status(
    of hash: String, kind: Approval.Kind, language: String, prompt: String, on day: String? = nil
  ) -> Status {
    standing(of: hash, kind: kind, language: language, prompt: prompt, on: day).status
  }

  /// Lines that count for one wording or recording: neither taken back nor forged. Expired ones are among them.
  public func approvals(
    of hash: String, kind: Approval.Kind, language: String, prompt: String
  ) -> [Approval] {
    voices(hash, kind, language, prompt).map(\.entry)
  }

  /// The name under which a key has signed before, if it is another than this.
  public func otherName(of key: KeyID, than name: String) -> String? {
    entries.first {
      $0.key == key.description && PersonName($0.name) != PersonName(name) && proof(of: $0) != .forged
    }?.name
  }

  private typealias Voice = (entry: Approval, person: PersonName, key: KeyID?)

  /// In the order of the file, in which one person's lines stand as they were written, also after a merge.
  private func voices(_ hash: String, _ kind: Approval.Kind, _ language: String, _ prompt: String) -> [Voice] {
    var voices: [Voice] = []
    for index in byHash[hash, default: []] {
      let entry = entries[index]
      guard entry.kind == kind, entry.language == language, entry.prompt == prompt,
        let person = PersonName(entry.name)
      else { continue }
      let proof = proof(of: entry)
      // Whoever takes something back is believed without proof: it is the safe side.
      if entry.revokes == true {
        voices.removeAll { $0.person == person }
      } else if case .key(let id) = proof {
        voices.append((entry, person, id))
      } else if proof != .forged {
        voices.append((entry, person, nil))
      }
    }
    return voices
  }

  /// How many people speak: voices with one name or one key belong to one.
  private static func people(_ voices: [Voice]) -> Int {
    var groups: [(names: Set<PersonName>, keys: Set<KeyID>)] = []
    for voice in voices {
      var own: (names: Set<PersonName>, keys: Set<KeyID>) = ([voice.person], voice.key.map { [$0] } ?? [])
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

/// An approval whose keys and values have been checked.
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
    // What is signed has a line for each: none of them may hold two.
    for (key, text) in [("language", approval.language), ("prompt", approval.prompt)]
    where text.contains(where: \.isNewline) {
      throw LineKey.corrupted(key, "it has a line break")
    }
  }
}
