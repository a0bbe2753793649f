import Encoding
import Kit
import Posix

/// The ends of a journal that its device has signed, each at its time: the file `heads.NAME` beside the journal `NAME`.
///
/// The chain of hashes shows a change of single lines. If somebody writes the whole journal anew, all hashes are right
/// again, but the lines that the device has signed are missing. This protects against people who have the journal's files.
/// It does not protect against people who hold the device's card, because the key lies on it.
public struct JournalHeads: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-journal-heads/1"
  /// The maximum size of the file in bytes.
  public static let limit = 1 << 18
  /// The maximum number of heads.
  static let count = 500

  /// A line that was the last one when the device signed.
  public struct Head: Codable, Equatable, Sendable {
    /// Number of the line.
    public var number: Int
    /// SHA-256 of the line.
    public var hash: String
    /// When it was signed: a `WallTime`.
    public var time: String
    /// Ed25519, in hexadecimal digits.
    public var signature: String
    /// Whether a file of the journal ends with the line; nil for no.
    public var closes: Bool?

    /// What is signed: never the same bytes as another document of a device.
    static func message(_ number: Int, _ hash: String, _ time: String) -> [UInt8] {
      Array("firstword journal head\n\(number)\n\(hash)\n\(time)\n".utf8)
    }

    /// Returns whether a key signed this head.
    func isSigned(by key: PublicKey) -> Bool {
      key.verifies(hexadecimal: signature, of: Self.message(number, hash, time))
    }
  }

  /// The format of this document.
  public var format = Self.format
  /// The device's public key, as `minisign -P` takes it.
  public var key: String
  /// The heads in the order of their signatures, the latest last.
  public var heads: [Head] = []

  /// Creates a list without heads.
  public init(key: PublicKey) { self.key = key.base64 }

  /// Decodes a list.
  public init(json: [UInt8]) throws(DocumentError) {
    self = try Documents.decode(JournalHeads.self, from: json)
    if format != Self.format { throw .format(format, expected: Self.format) }
    if publicKey == nil { throw DocumentError("key", "is no public key") }
    try Rule.count(heads.count, "heads", limit: Self.count)
    for (index, head) in heads.enumerated() {
      guard JournalEntry.numbers.contains(head.number) else {
        throw DocumentError("heads[\(index)].number", "is no number of a line")
      }
      try Rule.hash(head.hash, "heads[\(index)].hash")
    }
  }

  /// The device's key, parsed.
  public var publicKey: PublicKey? { PublicKey(base64: key) }

  /// The latest head.
  public var latest: Head? { heads.last }

  /// The path of the heads of a journal.
  ///
  /// - Parameter journal: path of the file that grows.
  public static func path(of journal: some PathConvertible) -> Path {
    let path = Path(journal)
    return path.parent.appending("heads.\(path.lastComponent)")
  }

  /// Returns the path of the heads of a journal, by the path of any of its files: the one that grows, or a full one.
  public static func path(ofFile file: String) -> Path {
    let parts = file.split(separator: ".", omittingEmptySubsequences: false)
    let isFull = parts.count > 1 && parts[parts.count - 1].utf8.count == 10 && Int(parts[parts.count - 1]) != nil
    return path(of: isFull ? parts.dropLast().joined(separator: ".") : file)
  }

  // MARK: Verifying

  /// What the heads say of a journal.
  public struct Verdict: Equatable, Sendable {
    /// What is wrong, a line each.
    public var findings: [String] = []
    /// What is no fault, a line each.
    public var remarks: [String] = []
    /// The last head that fits the journal.
    public var last: Head?

    /// Creates a verdict without a head.
    public init(findings: [String] = []) { self.findings = findings }
  }

  /// Compares the heads with a journal.
  ///
  /// - Parameters:
  ///   - reading: the journal.
  ///   - noted: the device's key, as it was noted before.
  public func verdict(on reading: JournalReading, signedBy noted: PublicKey) -> Verdict {
    var verdict = Verdict()
    if key != noted.base64 {
      verdict.findings.append("the key \(publicKey?.id.description ?? "") has signed it, and not \(noted.id)")
      return verdict
    }
    var hashes: [Int: Set<String>] = [:]
    for line in reading.lines where line.isWhole {
      if let number = line.entry?.number { hashes[number, default: []].insert(line.hash) }
    }
    let (first, last) = (hashes.keys.min() ?? 0, hashes.keys.max() ?? 0)
    for head in heads {
      if !head.isSigned(by: noted) {
        verdict.findings.append("the signature of line \(head.number) is not the device's")
      } else if head.number > last {
        verdict.findings.append(
          "the device signed line \(head.number) at \(head.time), and the journal ends with line \(last): lines were "
            + "removed, the disk lost them, or a file is not named")
      } else if let found = hashes[head.number], !found.contains(head.hash) {
        verdict.findings.append(
          "line \(head.number) is another one than the device signed at \(head.time): the journal was written anew")
      } else if hashes[head.number] != nil {
        verdict.last = head
      } else if head.number > first {
        verdict.findings.append("line \(head.number), which the device signed at \(head.time), is missing")
      }
    }
    guard let signed = verdict.last else {
      if verdict.findings.isEmpty { verdict.findings.append("the device has signed none of its lines") }
      return verdict
    }
    if signed.number < last {
      verdict.remarks.append(
        "\(signed.number + 1 == last ? "line \(last) is" : "lines \(signed.number + 1) to \(last) are") later than the "
          + "last signature, of \(signed.time): nothing but their hashes speaks for them")
    }
    return verdict
  }
}

/// Signs the ends of a journal, and writes `heads.NAME`. For one thread at a time.
struct JournalSigner: Sendable {
  /// The end of a journal, to be signed.
  struct End: Equatable, Sendable {
    var number: Int
    var hash: String
    /// Whether a file ends with it.
    var closes = false
  }

  private let key: SecretKey
  private let path: Path
  private var list: JournalHeads
  /// Whether the latest head is known to fit the journal, so that a later one may take its place.
  private var isProven = false

  /// Reads the heads that were signed before.
  ///
  /// - Parameter journal: path of the file that grows.
  init(_ key: SecretKey, journal: String) {
    self.key = key
    path = JournalHeads.path(of: journal)
    let own = JournalHeads(key: key.publicKey)
    let known = (try? Files.read(path, limit: JournalHeads.limit)).flatMap { try? JournalHeads(json: $0) }
    // Heads by another key are of no use to anybody who has noted this one.
    list = known?.key == own.key ? known ?? own : own
  }

  /// The latest head.
  var latest: JournalHeads.Head? { list.latest }

  /// Says that the latest head fits the journal. A head that does not stays: it shows what has happened.
  mutating func prove() { isProven = true }

  /// Signs an end, and writes it down.
  ///
  /// - Parameters:
  ///   - removed: number of the last line that the device's own policy has removed.
  mutating func sign(_ end: End, at time: WallTime, removed: Int) throws(SystemError) {
    let text = time.description
    let signature = Digest.hexadecimal(key.rawSignature(of: JournalHeads.Head.message(end.number, end.hash, text)))
    var next = list
    if isProven, let last = next.latest, last.closes != true { next.heads.removeLast() }
    next.heads.append(
      JournalHeads.Head(
        number: end.number, hash: end.hash, time: text, signature: signature, closes: end.closes ? true : nil))
    next.heads.removeAll { $0.number <= removed }
    next.heads = next.heads.suffix(JournalHeads.count)
    // Encoding fails for no value that a list can have.
    guard let bytes = try? Documents.encode(next) else { return }
    do throws(SystemError) { try Files.replace(path, with: bytes, mode: 0o640) } catch {
      if !error.isUnconfirmed { throw error }
    }
    (list, isProven) = (next, true)
  }
}
