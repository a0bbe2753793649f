import Encoding

/// One thing that must no longer be used.
public struct Recall: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, CaseIterable, Comparable, Sendable {
    /// `id` is the SHA-256 of its `kit.json`.
    case kit
    /// `id` is the SHA-256 of its Opus file, in whatever kit.
    case clip
    /// `id` is the key's: what it signed counts no more.
    case key

    public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  public var kind: Kind
  public var id: String
  /// A line for people.
  public var reason: String
  /// `2026-05-01`
  public var date: String

  public init(kind: Kind, id: String, reason: String, date: String) {
    self.kind = kind
    self.id = id
    self.reason = reason
    self.date = date
  }
}

/// What a publisher has taken back: a JSON document, signed beside (`SignedFile`).
///
/// A device reads it with `read(_:trustedBy:)`, and asks `refusals(of:trustedBy:)` before it plays or installs a kit.
public struct RecallList: Codable, Equatable, Sendable {
  public static let format = "firstword-recall/1"

  public var format: String
  /// Raised with each change: who has an issue takes no lower one, so that nobody can bring an old list back.
  public private(set) var issue: Int
  /// Sorted by kind and id; no id stands twice.
  public private(set) var entries: [Recall]

  /// A list that recalls nothing.
  public init() { (format, issue, entries) = (Self.format, 0, []) }

  /// False where it is there already: its first reason and date stay.
  public mutating func add(_ recall: Recall) throws(DocumentError) -> Bool {
    try recall.validate("recall")
    if contains(recall.kind, recall.id) { return false }
    entries.append(recall)
    entries.sort { ($0.kind, $0.id) < ($1.kind, $1.id) }
    issue += 1
    return true
  }

  /// False where it was not there.
  public mutating func remove(_ id: String) -> Bool {
    let count = entries.count
    entries.removeAll { $0.id == id }
    if entries.count == count { return false }
    issue += 1
    return true
  }

  public func contains(_ kind: Recall.Kind, _ id: String) -> Bool { recall(kind, id) != nil }

  /// The entry, where there is one.
  public func recall(_ kind: Recall.Kind, _ id: String) -> Recall? {
    entries.first { $0.id == id && $0.kind == kind }
  }

  /// Why a kit may not be used: one for the kit itself, for each recalled clip in it, and for each manifest that only
  /// recalled keys vouch for. Empty where nothing of it is recalled; whether it can be trusted at all, `KitFile` says.
  public func refusals(of kit: KitFile, trustedBy trusted: TrustedKeys) -> [KitError] {
    var refusals = known(of: kit)
    let left = trusted.without(self)
    if left.keys.count < trusted.keys.count, (try? kit.signer(trustedBy: trusted)) != nil {
      do throws(KitError) { try kit.signer(trustedBy: left) } catch {
        if case .untrusted(let keys) = error.cause {
          refusals += keys.compactMap { recall(.key, $0.description) }.map {
            KitError(kit.path, error.entry, .recalled($0))
          }
        }
      }
    }
    return refusals
  }

  /// As above, but of hashes alone: for who trusts nobody yet.
  public func known(of kit: KitFile) -> [KitError] {
    var refusals: [KitError] = []
    if let recall = recall(.kit, kit.sha256) { refusals.append(KitError(kit.path, .recalled(recall))) }
    let clips = Dictionary(entries.filter { $0.kind == .clip }.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    if clips.isEmpty { return refusals }
    for clip in kit.bundles.flatMap(\.clips) {
      if let recall = clips[clip.sha256] { refusals.append(KitError(kit.path, clip.file, .recalled(recall))) }
    }
    return refusals
  }
}

// MARK: - The document

extension RecallList {
  /// Throws for anything that this program did not write so.
  public init(json: [UInt8]) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(RecallList.self, from: json) } catch {
      if let other = Documents.format(of: json), other != Self.format {
        throw .form(other, expected: Self.format)
      }
      throw error
    }
    try validate()
  }

  public func json() throws(DocumentError) -> [UInt8] {
    try validate()
    return try Documents.encode(self)
  }

  /// As it stands in the file: nobody has vouched for it.
  public static func read(_ path: String) throws(SignedFileError) -> RecallList {
    try content(try SignedFile.read(path), path)
  }

  /// The list, if a trusted key signed it.
  public static func read(
    _ path: String, trustedBy trusted: TrustedKeys
  ) throws(SignedFileError) -> (list: RecallList, signer: KeyID) {
    let (bytes, signer) = try SignedFile.read(path, trustedBy: trusted)
    return (try content(bytes, path), signer)
  }

  private static func content(_ bytes: [UInt8], _ path: String) throws(SignedFileError) -> RecallList {
    do throws(DocumentError) { return try RecallList(json: bytes) } catch { throw .content(path: path, error) }
  }

  private func validate() throws(DocumentError) {
    if format != Self.format { throw .form(format, expected: Self.format) }
    try Rule.range(issue, "issue", 0...Int(Int32.max))
    try Rule.count(entries.count, "entries", limit: 50_000)
    for (index, entry) in entries.enumerated() {
      try entry.validate("entries[\(index)]")
      if index > 0, (entries[index - 1].kind, entries[index - 1].id) >= (entry.kind, entry.id) {
        throw DocumentError("entries[\(index)]", "not above the entry before it in kind and id")
      }
    }
  }
}

extension Recall {
  fileprivate func validate(_ key: String) throws(DocumentError) {
    switch kind {
    case .kit, .clip: try Rule.hash(id, "\(key).id")
    case .key: if KeyID(id) == nil { throw DocumentError("\(key).id", "is no key's id of 16 hexadecimal digits") }
    }
    try Rule.text(reason, "\(key).reason", needed: true)
    try Rule.date(date, "\(key).date")
  }
}

extension TrustedKeys {
  /// Those that were not recalled.
  public func without(_ recalls: RecallList) -> TrustedKeys {
    TrustedKeys(keys.filter { !recalls.contains(.key, $0.id.description) })
  }
}
