import Channel
import Distribution
import Encoding
import Glibc
import Kit
import Posix
import Store

/// Follows a channel for a device: refreshes its metadata, fetches what the device should have, and hands it to the
/// spool.
///
/// It decides about nothing that is installed: the store verifies every file as if a stranger had brought it. It writes
/// to its own folder and to the spool.
///
///     FOLDER/metadata/     the trusted metadata
///     FOLDER/files/        files that are fetched, and parts of them
///     FOLDER/state.json    what is known of the channel
///     FOLDER/device.key    the device's key, which signs receipts and places it in roll-outs
///     FOLDER/receipts/     the device's receipt
///     FOLDER/mirror/       a copy of the channel for neighbours, where the configuration demands it
public struct Synchronizer {
  /// The directories and files of a device.
  public struct Places: Sendable {
    /// The synchronizer's own folder.
    public var folder: Path
    /// The root that the device's owner trusts, for the first run.
    public var root: Path
    /// The store, which is read.
    public var store: Path
    /// The spool.
    public var spool: Path
    /// A directory that gets a copy of the receipt: a stick's; nil for none.
    public var receipts: Path?

    /// Creates the places of a device.
    public init(folder: Path, root: Path, store: Path, spool: Path, receipts: Path? = nil) {
      (self.folder, self.root, self.store, self.spool, self.receipts) = (folder, root, store, spool, receipts)
    }
  }

  /// What happens in a run, for people.
  public enum Event: Sendable {
    /// A mirror answered, or was refused or not reached.
    case mirror(SyncReport.Mirror)
    /// No mirror answers; they are asked again after so many milliseconds.
    case retrying(milliseconds: Int)
    /// Bytes of a file have arrived.
    case fetching(path: String, done: Int, size: Int)
    /// A file was handed to the spool.
    case handed(path: String)
    /// The channel is silent for so long that the device signals it, with the text for people.
    case silent(String)
  }

  private let configuration: SyncConfiguration
  private let places: Places
  private let now: WallTime
  private let wait: Int
  private let isSounding: () -> Bool
  private let pause: (_ milliseconds: Int) -> Void
  private let delays: RetryDelays
  private let report: (Event) -> Void

  private var folder: MetadataFolder { MetadataFolder(places.folder.appending("metadata")) }
  private var downloads: Downloads { Downloads(places.folder.appending("files")) }
  private var tree: ServedTree { ServedTree(places.folder.appending("mirror")) }
  private var spool: Spool { Spool(places.spool) }
  private var statePath: Path { places.folder.appending("state.json") }

  /// How often a run waits for a message to end.
  static let patience = 300
  /// The days after which a silent channel is signalled again.
  static let reminderDays = 7
  /// The milliseconds between two questions whether the device speaks, or the store has taken what was handed over.
  static let interval = 2000
  /// A time before this program was made: a clock that shows less was never set.
  static let plausible = WallTime("2026-01-01T00:00:00.000Z")

  /// Creates a synchronizer.
  ///
  /// - Parameters:
  ///   - now: the time at which the run begins.
  ///   - wait: the seconds for which a run waits until the store has taken what was handed over; 0 for none.
  ///   - isSounding: returns whether the device speaks, or a conversation is under way; called about once a second.
  ///   - pause: waits so many milliseconds.
  ///   - report: gets what happens.
  public init(
    _ configuration: SyncConfiguration, _ places: Places, now: WallTime, wait: Int = 0,
    isSounding: @escaping () -> Bool, pause: @escaping (_ milliseconds: Int) -> Void,
    report: @escaping (Event) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.places = places
    self.now = now
    self.wait = wait
    self.isSounding = isSounding
    self.pause = pause
    delays = configuration.retryDelays
    self.report = report
  }

  /// Runs once.
  ///
  /// - Throws: an error for a folder that cannot be used, another run at the same time, or a root that is not to be
  ///   trusted.
  public func run() throws -> SyncReport {
    try Files.makeDirectory(places.folder)
    let lock = try LockedFile(opening: places.folder.appending("lock"), O_RDWR | O_CREAT, mode: 0o600)
    defer { lock.free() }
    if !folder.isInitialized { try folder.initialize(root: try Files.read(places.root, limit: ChannelLimit.root)) }
    let key = try DeviceKey.open(in: places.folder)
    var result = SyncReport()
    result.state = (try? Files.read(statePath, limit: SyncState.limit)).flatMap(SyncState.init) ?? SyncState()
    collect(&result.state)
    waitForQuiet()
    let policy = configuration.policy(clockIsPlausible: Self.plausible.map { now >= $0 } ?? true)
    let transfer = try Transfer(policy, isInterrupted: isSounding)
    // Devices spread over the mirrors, and one that lags does not hold a device for long.
    let mirrors = configuration.mirrors.shuffled().map { Mirror($0, transfer, policy) }
    var newest = refresh(from: mirrors, &result)
    while newest == nil, result.mirrors.contains(where: { !$0.isRefused }), waitForRetry() {
      newest = refresh(from: mirrors, &result)
    }
    if let (client, source) = newest {
      try get(client, from: [source] + mirrors.filter { $0.name != source.name }, key.publicKey, &result)
    }
    try save(result.state)
    awaitSpool(&result.state)
    leaveReceipt(signedBy: key, transfer, &result)
    noteSilence(&result)
    try save(result.state)
    return result
  }

  /// Waits until the spool has reported what was handed over, or the time for it is over.
  private func awaitSpool(_ state: inout SyncState) {
    let end = Monotonic.now.adding(milliseconds: wait * 1000)
    while state.handed.contains(where: { $0.outcome == .waiting }), Monotonic.now < end {
      pause(Self.interval)
      collect(&state)
    }
  }

  // MARK: - Receipts and news

  /// Writes the receipt of what the device has now, and posts it where the configuration says so.
  private func leaveReceipt(signedBy key: SecretKey, _ transfer: Transfer, _ result: inout SyncReport) {
    let content = DeviceReceipt(of: try? Store(places.store).snapshot(), channel: result.state.snapshot)
    if content.isEmpty { return }
    let directory = places.folder.appending(Receipt.directory)
    var receipt = SyncReport.Receipt(number: result.state.receipt ?? 0, isNew: false)
    do {
      try Files.makeDirectory(directory)
      (receipt.number, receipt.isNew) = try content.write(
        to: directory, signedBy: key, after: result.state.receipt ?? 0)
      result.state.receipt = receipt.number
      let name = Receipt.fileName(of: key.publicKey)
      let file = try Files.read(directory.appending(name), limit: Receipt.limit)
      if let copies = places.receipts {
        try Files.makeDirectory(copies)
        let copy = try Directory(opening: copies)
        if (try? copy.read(name, limit: Receipt.limit)) != file {
          try copy.replace(name, with: file)
          try copy.syncFileSystem()
        }
      }
      if let url = configuration.receipts {
        receipt.isPosted = result.state.posted == receipt.number
        if receipt.isPosted == false {
          waitForQuiet()
          try transfer.post(file, to: url, file: name)
          result.state.posted = receipt.number
          receipt.isPosted = true
        }
      }
    } catch { receipt.error = "\(error)" }
    result.receipt = receipt
  }

  /// Describes when the channel was last heard of, and signals a long silence once a week.
  private func noteSilence(_ result: inout SyncReport) {
    let failures = result.mirrors.compactMap { mirror in mirror.error.map { "\(mirror.mirror): \($0)" } }
    let news = ChannelNews(
      written: now, heard: result.state.heard, renewed: result.state.renewed, timestamp: result.state.timestamp,
      snapshot: result.state.snapshot, warnings: result.warnings,
      faults: failures.count == result.mirrors.count ? failures : [],
      silentDays: configuration.silentDays ?? ChannelNews.silentDays)
    result.news = news
    guard news.isSilent(at: now) else {
      result.state.reminded = nil
      return
    }
    let last = result.state.reminded
    // The week begins again with a clock that went back, so that it does not signal at each start.
    if let last, now >= last, now.since(last) < Int64(Self.reminderDays) * WallTime.day { return }
    result.state.reminded = now
    if let last, now < last { return }
    report(.silent("the channel was \(news.age(at: now))"))
  }

  private func save(_ state: SyncState) throws {
    let bytes = try Documents.encode(state)
    do throws(SystemError) { try Files.replace(statePath, with: bytes) } catch {
      if !error.isUnconfirmed { throw error }
    }
  }

  /// Waits until the device is silent; gives up after a while, so that a device that never rests is not without news.
  private func waitForQuiet() {
    var turns = 0
    while isSounding(), turns < Self.patience {
      turns += 1
      pause(Self.interval)
    }
  }

  /// Does something with the mirrors: again once the device is silent if a message interrupted it, and again after a
  /// delay if no mirror answers.
  private func retrying<Result>(_ body: () throws(ChannelError) -> Result) throws(ChannelError) -> Result {
    var interruptions = 0
    while true {
      let failure: ChannelError
      do throws(ChannelError) { return try body() } catch { failure = error }
      if failure == .interrupted && interruptions < Self.patience {
        interruptions += 1
        waitForQuiet()
      } else if !failure.isTransient || !waitForRetry() {
        throw failure
      }
    }
  }

  /// Waits before mirrors that did not answer are asked again; returns false if that is left to the next run.
  private func waitForRetry() -> Bool {
    guard let delay = delays.next() else { return false }
    report(.retrying(milliseconds: delay))
    pause(delay)
    return true
  }

  // MARK: - Metadata

  /// Refreshes from every mirror, and returns the client of the newest and its mirror; nil if none is valid.
  private func refresh(from mirrors: [Mirror], _ result: inout SyncReport) -> (ChannelClient, Mirror)? {
    var best: (client: ChannelClient, mirror: Mirror)?
    result.mirrors = []
    for mirror in mirrors {
      var failure: ChannelError?
      for _ in 0..<Self.patience {
        failure = nil
        do throws(ChannelError) {
          var client = try folder.client(now: now, expiry: configuration.expiry == .strict ? .strict : .warn)
          try folder.advance(&client, from: mirror)
          if client.timestampVersion ?? 0 >= best?.client.timestampVersion ?? 0 { best = (client, mirror) }
        } catch { failure = error }
        if failure != .interrupted { break }
        waitForQuiet()
      }
      let answer = SyncReport.Mirror(
        mirror: mirror.name, error: failure.map { "\($0)" }, isRefused: failure.map { !$0.isTransient } ?? false)
      result.mirrors.append(answer)
      report(.mirror(answer))
    }
    guard let best else { return nil }
    result.warnings = best.client.warnings.map { "\(ChannelError.expired(file: $0.file, $0.expires))" }
    result.state.heard = now
    if result.state.timestamp != best.client.timestampVersion { result.state.renewed = now }
    result.state.root = best.client.rootVersion
    result.state.timestamp = best.client.timestampVersion
    result.state.snapshot = best.client.snapshotVersion
    result.state.expires = best.client.expires
    return best
  }

  // MARK: - Files

  /// Takes over what the spool reports of files that were handed to it.
  private func collect(_ state: inout SyncState) {
    let results = (try? spool.results()) ?? []
    let tag = SyncState.tag(of: try? Store(places.store).state())
    state.handed = state.handed.compactMap { file in
      guard file.outcome == .waiting else { return file }
      var file = file
      let answer = results.last { $0.item == file.item }
      switch answer?.outcome {
      case .done: file.outcome = .done
      case .refused: file.outcome = .refused
      // It is handed over again.
      case .failed: return nil
      case .begun: return file
      case nil: return Files.exists(spool.path(of: file.item)) ? file : nil
      }
      file.message = answer?.message
      file.store = tag
      return file
    }
  }

  private func get(
    _ trusted: ChannelClient, from mirrors: [Mirror], _ device: PublicKey, _ result: inout SyncReport
  ) throws {
    let client: ChannelClient
    do throws(ChannelError) {
      client = try retrying { () throws(ChannelError) -> ChannelClient in
        var searching = trusted
        searching.searchAll()
        try folder.advance(&searching, from: Mirrors(mirrors: mirrors))
        return searching
      }
    } catch {
      result.faults.append("\(error)")
      return
    }
    for error in client.unavailableRoles.values { result.faults.append("\(error)") }
    let store = try? Store(places.store).snapshot()
    let installed = store?.state.kits ?? []
    let state = result.state
    let targets = client.targets { $0.custom != nil }
    let tag = SyncState.tag(of: store?.state)
    let plan = SyncPlan(
      targets, kits: configuration.kits, installed: installed, device: device,
      trusted: Set((store?.state.trustedForNew.keys ?? []).map(\.id.description)),
      isHeldBack: { store?.holdsBack(name: $0.name, version: $0.version) ?? false },
      isKnown: { state.isSettled($0, store: tag) })
    // What waits in the spool may have to be handed over again.
    let waiting = state.handed.filter { $0.outcome == .waiting }.map(\.hash)
    let kept =
      plan.items.flatMap { [$0.name, SignedFile.signature(of: $0.name)] }
      + waiting.flatMap {
        ["\($0).kit", "\($0).json", SignedFile.signature(of: "\($0).json")]
      }
    let served = configuration.neighbours == true ? SyncPlan.served(targets, kits: configuration.kits, installed) : []
    let all = (plan.items + served).flatMap(\.targets)
    downloads.clean(keeping: Set(kept), partsOf: all)
    for item in plan.items {
      do {
        try fetch(item, from: mirrors, installed, &result)
        waitForQuiet()
        let name = try spool.submit(downloads.directory.appending(item.name).string, as: item.kind)
        result.state.record(
          SyncState.Handed(path: item.target.path, hash: item.hash, item: name, outcome: .waiting, time: now))
        result.handed.append(item.hash)
        try save(result.state)
        report(.handed(path: item.target.path))
      } catch { result.faults.append("\(item.target.path): \(error)") }
    }
    if configuration.neighbours == true { serve(served, from: mirrors, installed, &result) }
  }

  /// Keeps the copy for neighbours: what this device has and follows, and the metadata that says so.
  private func serve(
    _ items: [SyncPlan.Item], from mirrors: [Mirror], _ installed: [StoreState.Installed], _ result: inout SyncReport
  ) {
    guard let source = mirrors.first else { return }
    for item in items where !item.targets.allSatisfy({ tree.has($0) }) {
      do {
        // The device's own files are there already.
        if !isWhole(item) { try fetch(item, from: mirrors, installed, &result) }
        try tree.add(downloads.directory.appending(item.name), as: item.target)
        if let signature = item.signature {
          try tree.add(downloads.directory.appending(SignedFile.signature(of: item.name)), as: signature)
        }
      } catch { result.faults.append("\(item.target.path), for neighbours: \(error)") }
    }
    do {
      let root = (try? Files.read(places.root, limit: ChannelLimit.root)) ?? folder.read("root.json") ?? []
      try tree.publish(root: root, from: folder, source, now: now)
      tree.clean(keeping: items.flatMap(\.targets))
    } catch { result.faults.append("the copy for neighbours: \(error)") }
  }

  private func isWhole(_ item: SyncPlan.Item) -> Bool {
    downloads.whole(item.target, as: item.name) != nil
      && item.signature.map { downloads.whole($0, as: SignedFile.signature(of: item.name)) != nil } ?? true
  }

  private func fetch(
    _ item: SyncPlan.Item, from mirrors: [Mirror], _ installed: [StoreState.Installed], _ result: inout SyncReport
  ) throws {
    let rebuilding = { () throws(ChannelError) -> SyncReport.Fetched? in try rebuild(item, from: mirrors, installed) }
    if item.kind == .kit, let rebuilt = try? retrying(rebuilding) {
      result.fetched.append(rebuilt)
      return
    }
    // The spool and the store each have a copy for a while.
    var bytes = try fetch(item.target, as: item.name, from: mirrors, reserve: 2 * item.target.file.length)
    if let signature = item.signature {
      bytes += try fetch(signature, as: SignedFile.signature(of: item.name), from: mirrors, reserve: 0)
    }
    result.fetched.append(SyncReport.Fetched(path: item.target.path, size: item.target.file.length, bytes: bytes))
  }

  /// Rebuilds a kit from those of the store and what they lack; nil where the whole file is to be fetched.
  private func rebuild(
    _ item: SyncPlan.Item, from mirrors: [Mirror], _ installed: [StoreState.Installed]
  ) throws(ChannelError) -> SyncReport.Fetched? {
    if downloads.hasBegun(item.target) { return nil }
    let directory = places.store.appending("kits")
    let kits = installed.compactMap { try? KitFile(path: directory.appending($0.file).string) }
    if kits.isEmpty { return nil }
    let size = item.target.file.length
    var failure: ChannelError?
    for mirror in mirrors {
      do throws(ChannelError) {
        let source = MirrorFile(mirror: mirror, name: item.target.name)
        let rebuilt = try downloads.rebuild(item.target, as: item.name, from: source, using: kits, reserve: 2 * size)
        guard let rebuilt else { return nil }
        return SyncReport.Fetched(path: item.target.path, size: size, bytes: rebuilt.bytes, requests: rebuilt.requests)
      } catch {
        if error == .interrupted { throw error }
        failure = error
      }
    }
    if let failure { throw failure }
    return nil
  }

  /// Fetches a file from the first mirror that has it, and goes on at the next with what has arrived.
  private func fetch(
    _ target: ChannelClient.Target, as name: String, from mirrors: [Mirror], reserve: Int
  ) throws(ChannelError) -> Int {
    try retrying { () throws(ChannelError) -> Int in
      var failure = ChannelError.missing(file: target.path)
      for mirror in mirrors {
        do throws(ChannelError) {
          let result = try downloads.fetch(target, as: name, from: mirror, reserve: reserve) {
            report(.fetching(path: target.path, done: $0, size: target.file.length))
          }
          return result.fetched
        } catch {
          // Another mirror does not help against a full disk, nor while a message sounds.
          if case .system = error { throw error }
          if error == .interrupted { throw error }
          // One that did not answer may have the file.
          if !failure.isTransient { failure = error }
        }
      }
      throw failure
    }
  }
}
