import ChannelPublisher
import Distribution
import Glibc
import Posix
import Synchronization
import Web

/// The channels in the directory that holds the projects' directories, and the receipts that pages have counted.
final class ChannelShelf: Sendable {
  /// The directory.
  let directory: String

  private struct State {
    /// The stamps of the channels that pages have seen.
    var stamps: [String: String] = [:]
    var counts: [String: Receipts] = [:]
  }

  /// The receipts of one channel, in memory until the program ends or a page forgets them.
  struct Receipts: Sendable {
    /// The last receipt of each device.
    var count = ReceiptCount()
    /// The list of all devices; nil if none was given.
    var registered: String?
  }

  private let state = Mutex(State())
  /// Held by the request that has a channel open; other requests wait.
  private let turn = Mutex(())
  /// The time to wait for another program that changes the channel, in milliseconds.
  private static let patience = 2000

  /// Names the shelf; nothing is read.
  init(_ directory: String) { self.directory = directory }

  // MARK: Channels

  /// The names of the channels.
  var names: [String] {
    guard let place = try? Directory(opening: directory), let names = try? place.list() else { return [] }
    return names.filter { name in
      Shelf.isName(name) && (try? place.kind(of: name)) == .directory
        && Files.exists(Path(directory).appending(name).appending(ChannelFolder.Name.settings))
    }
  }

  /// Returns the path of a new channel.
  ///
  /// - Throws: a refusal if the name is none, or taken.
  func path(ofNew name: String) throws(Refusal) -> Path {
    guard Shelf.isName(name) else {
      throw Refusal(
        422, "refused", "'\(name.prefix(60))' cannot name a directory",
        "use letters, digits, hyphens and spaces, 60 at most")
    }
    let path = Path(directory).appending(name)
    if let place = try? Directory(opening: directory), let kind = try? place.kind(of: name), kind != .directory {
      throw Refusal(422, "refused", "'\(name)' is no directory", "choose another name")
    }
    try Self.requireOwn(path)
    return path
  }

  /// Opens a channel, and waits a moment for another program that changes it.
  ///
  /// - Parameter body: gets the channel, which is closed afterwards.
  func opening<Result: Sendable>(
    _ name: String, _ body: (ChannelFolder) throws -> Result
  ) throws(Refusal) -> Result {
    guard names.contains(name) else {
      throw Refusal(404, "not-found", "there is no channel '\(name.prefix(60))'", "choose one of the list")
    }
    let path = Path(directory).appending(name)
    return try judging { () throws(Refusal) -> Result in
      try Self.requireOwn(path)
      let folder = try Self.open(path)
      return try Studio.publishing { try body(folder) }
    }
  }

  /// Changes the shelf; one request at a time.
  func judging<Result: Sendable>(_ body: () throws(Refusal) -> Result) throws(Refusal) -> Result {
    try turn.withLock { (_) throws(Refusal) -> Result in try body() }
  }

  private static func open(_ path: Path) throws(Refusal) -> ChannelFolder {
    let deadline = Monotonic.now.adding(milliseconds: patience)
    while true {
      let folder = try Studio.publishing { () throws -> ChannelFolder? in
        do { return try ChannelFolder(opening: path, waits: false) } catch let error as SystemError {
          if error.code == EWOULDBLOCK { return nil }
          throw error
        }
      }
      if let folder { return folder }
      if Monotonic.now > deadline {
        throw Refusal(
          423, "locked", "another program is changing the channel", "try again when that has ended")
      }
      usleep(20_000)
    }
  }

  /// Checks that everything which is written lies in the channel's directory: nothing in it is a link.
  private static func requireOwn(_ path: Path) throws(Refusal) {
    let names = ChannelFolder.Name.self
    guard Files.exists(path) else { return }
    try Studio.publishing {
      let own = try Directory(openingItself: path)
      for name in [names.settings, names.lock] { try require(.file, name, in: own) }
      for name in [names.metadata, names.targets, names.draft] { try require(.directory, name, in: own) }
      // Each country's files lie in a directory of its own.
      guard let targets = try? own.directory(names.targets) else { return }
      for name in try targets.list() where try targets.kind(of: name) != .file {
        try require(.directory, name, in: targets)
      }
    }
  }

  private static func require(_ wanted: Directory.Kind, _ name: String, in place: borrowing Directory) throws {
    guard let kind = try place.kind(of: name), kind != wanted else { return }
    throw Refusal(
      422, "refused", "'\(place.path.appending(name))' is a link, or no \(wanted == .file ? "file" : "directory")",
      "put what the channel needs into its own directory")
  }

  // MARK: Changes by others

  /// Returns the channels that another program changed since pages were informed.
  func news() -> [String] {
    let known = state.withLock { $0.stamps }
    return known.compactMap { name, stamp in self.stamp(name) == stamp ? nil : name }.sorted()
  }

  /// Notes that the pages know a channel as it is now.
  func announce(_ name: String) {
    let stamp = stamp(name)
    state.withLock { $0.stamps[name] = stamp }
  }

  private func stamp(_ name: String) -> String {
    let path = Path(directory).appending(name)
    let names = ChannelFolder.Name.self
    var lines = [FileStamp.of(path.appending(names.settings).string) ?? ""]
    for part in [names.metadata, names.draft] {
      let place = path.appending(part)
      for file in (try? Files.list(place)) ?? [] {
        lines.append("\(part)/\(file) \(FileStamp.of(place.appending(file).string) ?? "")")
      }
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Receipts

  /// The maximum number of devices that a channel's count holds.
  static let devicesLimit = 200_000

  /// Returns what was counted of a channel; nil if nothing was.
  func receipts(_ name: String) -> Receipts? { state.withLock { $0.counts[name] } }

  /// Changes what is counted of a channel.
  func counting(_ name: String, _ change: (inout Receipts) throws(Refusal) -> Void) throws(Refusal) {
    try state.withLock { (state) throws(Refusal) in
      var receipts = state.counts[name] ?? Receipts()
      try change(&receipts)
      if receipts.count.devices.count > Self.devicesLimit {
        throw Refusal(
          422, "refused", "these are receipts of more than \(Self.devicesLimit) devices",
          "count them with 'firstword channel receipts'")
      }
      state.counts[name] = receipts
    }
  }

  /// Forgets what was counted of a channel.
  func forgetReceipts(_ name: String) { state.withLock { $0.counts[name] = nil } }
}
