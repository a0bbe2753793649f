import Encoding
import Kit
import Posix

/// What the receipts of many folders say: how many devices have what.
public struct ReceiptCount: Sendable {
  /// The last receipt of each device, by its public key.
  public private(set) var devices: [String: Receipt] = [:]
  /// The files that are no receipts, with the reason; the first `faultLimit` of them.
  public private(set) var faults: [(path: String, why: String)] = []
  /// The number of files that are no receipts.
  public private(set) var faultCount = 0

  /// The maximum number of files of one folder.
  public static let fileLimit = 1_000_000
  /// The maximum number of faults that are kept.
  public static let faultLimit = 20

  /// Creates a count of no receipts.
  public init() {}

  /// Adds a receipt. Of several receipts of one device, the one with the highest number counts; of two with the same
  /// number, the first.
  public mutating func add(_ receipt: Receipt) {
    if let other = devices[receipt.device], other.number >= receipt.number { return }
    devices[receipt.device] = receipt
  }

  /// Adds all receipts in a folder, and in its directory `receipts`: a stick's. Links and other directories are not
  /// followed.
  ///
  /// - Throws: an error if the folder cannot be read.
  public mutating func add(folder path: some PathConvertible) throws(SystemError) {
    try add(filesOf: Path(path))
    let folder = try Directory(opening: path)
    if try folder.kind(of: Receipt.directory) == .directory {
      try add(filesOf: folder.path.appending(Receipt.directory))
    }
  }

  private mutating func add(filesOf path: Path) throws(SystemError) {
    let folder = try Directory(opening: path)
    var count = 0
    for name in try folder.list() where name.hasSuffix(Self.ending) {
      count += 1
      if count > Self.fileLimit {
        fault(folder.path.string, "it has more than \(Self.fileLimit) receipts; the others are not read")
        return
      }
      let bytes: [UInt8]
      do throws(SystemError) { bytes = try folder.read(name, limit: Receipt.limit) } catch {
        fault(folder.path.appending(name).string, error.cause)
        continue
      }
      add(file: bytes, named: folder.path.appending(name).string)
    }
  }

  /// Adds the receipt in a file, from anywhere; a file that holds none is a fault.
  ///
  /// - Parameter name: the file's name, for the fault.
  public mutating func add(file bytes: [UInt8], named name: String) {
    do throws(DocumentError) { add(try Receipt(file: bytes)) } catch { fault(name, error.description) }
  }

  /// What the name of a receipt's file ends with.
  public static let ending = ".receipt.json"

  private mutating func fault(_ path: String, _ why: String) {
    faultCount += 1
    if faults.count < Self.faultLimit { faults.append((path, why)) }
  }

  /// How many devices have each kit, the most first; those without a kit have nil in its place.
  public var kits: [(kit: Receipt.Kit?, devices: Int)] {
    var counts: [Receipt.Kit?: Int] = [:]
    for receipt in devices.values { counts[receipt.kit, default: 0] += 1 }
    return counts.map { (kit: $0.key, devices: $0.value) }.sorted { a, b in
      if a.devices != b.devices { return a.devices > b.devices }
      return Self.text(a.kit) < Self.text(b.kit)
    }
  }

  private static func text(_ kit: Receipt.Kit?) -> String { kit.map { "\($0.name) \($0.version) \($0.sha256)" } ?? "" }

  /// How many devices have verified each version of the channel, the newest first; those without one have nil in its
  /// place.
  public var channels: [(channel: Int?, devices: Int)] {
    var counts: [Int?: Int] = [:]
    for receipt in devices.values { counts[receipt.channel, default: 0] += 1 }
    return counts.map { (channel: $0.key, devices: $0.value) }.sorted { ($0.channel ?? 0) > ($1.channel ?? 0) }
  }

  /// Returns the ids of the devices that do not have a kit, sorted.
  ///
  /// - Parameter manifests: the SHA-256 of the `kit.json` of each kit that would do.
  public func lacking(_ manifests: Set<String>) -> [KeyID] {
    devices.values.filter { $0.kit.map { !manifests.contains($0.sha256) } ?? true }.compactMap { $0.key?.id }
      .sorted { $0.description < $1.description }
  }

  /// Returns the ids of the devices of a list that left no receipt, in the order of the list.
  ///
  /// - Parameter list: ids, one a line; what follows a `#` is a comment.
  /// - Throws: an error for a line that is no id, with its number as the place.
  public func unheard(in list: String) throws(DocumentError) -> [KeyID] {
    let heard = Set(devices.values.compactMap { $0.key?.id })
    var unheard: [KeyID] = []
    for (index, line) in list.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let word = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
      if word.isEmpty { continue }
      guard let id = KeyID(typed: String(word)) else {
        throw DocumentError("\(index + 1)", "'\(String(word.prefix(40)))' is no id of a device's key")
      }
      if !heard.contains(id) { unheard.append(id) }
    }
    return unheard
  }
}
