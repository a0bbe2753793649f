import ChannelPublisher
import Distribution
import Kit
import Posix

/// A channel in the list of all.
struct ChannelHead: Encodable, Sendable {
  var id: String
  var isPublished = false
  var isUrgent = false
  /// What a person must do first.
  var next: ChannelStatus.Step?
  /// The kits that are offered.
  var kits: [String] = []
  /// Why it cannot be read.
  var problem: String?

  /// Describes a channel.
  init(_ id: String, _ status: ChannelStatus) {
    self.id = id
    isPublished = status.roles.contains { $0.version != nil }
    isUrgent = status.isUrgent
    next = status.steps.first
    kits = status.targets.compactMap { $0.state == .waits ? nil : $0.kit }
  }

  /// Describes a channel that cannot be read.
  init(_ id: String, problem: String) { (self.id, self.problem) = (id, problem) }
}

/// A channel as the page shows it.
struct ChannelView: Encodable, Sendable {
  var id: String
  var directory: String
  /// Changes with everything that people sign or have signed.
  var version: String
  var roles: [ChannelStatus.Role]
  var targets: [ChannelStatus.Target]
  var steps: [ChannelStatus.Step]
  var isUrgent: Bool
  /// The keys that have a name here, sorted by it.
  var keys: [Key]
  /// The roles that offer files.
  var publishers: [String]
  /// The SHA-256 of the first root; nil before it is published.
  var root: String?
  /// The recalled kits.
  var recalls: [Entry]
  /// What was counted of its receipts.
  var receipts: ReceiptsView?

  /// A key: its name, and its id as `firstword keygen` prints it.
  struct Key: Encodable, Sendable {
    var name: String
    var id: String
  }

  /// A recalled kit.
  struct Entry: Encodable, Sendable {
    var role: String
    /// The SHA-256 of the kit's `kit.json`.
    var manifest: String
    var reason: String
    var date: String
  }

  /// Describes a channel.
  init(_ id: String, _ folder: ChannelFolder, _ receipts: ChannelShelf.Receipts?) throws {
    let status = folder.status(now: .now)
    self.id = id
    directory = folder.path.string
    version = folder.version
    (roles, targets, steps, isUrgent) = (status.roles, status.targets, status.steps, status.isUrgent)
    let named = folder.settings.keys.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    keys = named.map { Key(name: $0.name, id: $0.id) }
    publishers = folder.publishers
    root = folder.firstRoot?.sha256
    recalls = try folder.publishers.flatMap { role in
      let entries = try folder.recalls(of: role)?.entries ?? []
      return entries.filter { $0.kind == .kit }.map {
        Entry(role: role, manifest: $0.id, reason: $0.reason, date: $0.date)
      }
    }
    self.receipts = receipts.map { ReceiptsView($0, newest: folder.newestKits) }
  }
}

/// How many devices have what.
struct ReceiptsView: Encodable, Sendable {
  var devices: Int
  var kits: [Kit]
  var channels: [Version]
  /// The devices that lack the newest kit, the first of them.
  var lacking: [String]
  var lackingCount: Int
  /// The devices of the list that left no receipt, the first of them; nil without a list.
  var unheard: [String]?
  var unheardCount: Int?
  /// What is no receipt, the first of it.
  var faults: [String]
  var faultCount: Int

  /// How many devices have a kit.
  struct Kit: Encodable, Sendable {
    var name: String?
    var version: String?
    var sha256: String?
    var devices: Int
    /// Whether it is the newest that the channel offers.
    var isNewest: Bool
  }

  /// How many devices have verified a version of the channel.
  struct Version: Encodable, Sendable {
    var channel: Int?
    var devices: Int
  }

  /// How many ids are shown.
  private static let shown = 200

  /// Counts.
  ///
  /// - Parameter newest: the SHA-256 of the `kit.json` of each of the channel's newest kits.
  init(_ receipts: ChannelShelf.Receipts, newest: Set<String>) {
    let count = receipts.count
    devices = count.devices.count
    kits = count.kits.map {
      Kit(
        name: $0.kit?.name, version: $0.kit?.version, sha256: $0.kit?.sha256, devices: $0.devices,
        isNewest: $0.kit.map { newest.contains($0.sha256) } ?? false)
    }
    channels = count.channels.map { Version(channel: $0.channel, devices: $0.devices) }
    let missing = count.lacking(newest)
    (lacking, lackingCount) = (missing.prefix(Self.shown).map(\.description), missing.count)
    // The list was checked when it came.
    let silent = receipts.registered.flatMap { try? count.unheard(in: $0) }
    (unheard, unheardCount) = (silent?.prefix(Self.shown).map(\.description), silent?.count)
    faults = count.faults.map { "\($0.path): \($0.why)" }
    faultCount = count.faultCount
  }

  /// Returns a table of all devices: comma-separated values.
  static func table(_ receipts: ChannelShelf.Receipts, newest: Set<String>) -> String {
    var lines = ["device,kit,version,kit.json,channel,receipt,state"]
    let sorted = receipts.count.devices.values.map { (id: $0.key?.id.description ?? "", receipt: $0) }
    for (id, receipt) in sorted.sorted(by: { $0.id < $1.id }) {
      // Names and versions of kits have no comma and no quotation mark.
      let state = receipt.kit.map { newest.contains($0.sha256) } == true ? "newest" : "lacks the newest"
      let words = [
        id, receipt.kit?.name ?? "", receipt.kit?.version ?? "", receipt.kit?.sha256 ?? "",
        receipt.channel.map(String.init) ?? "", String(receipt.number), state,
      ]
      lines.append(words.joined(separator: ","))
    }
    for id in receipts.registered.flatMap({ try? receipts.count.unheard(in: $0) }) ?? [] {
      lines.append("\(id),,,,,,left no receipt")
    }
    return lines.joined(separator: "\r\n") + "\r\n"
  }
}
