import ArgumentParser
import Board
import BoardJSON
import Diagnostics
import Foundation
import Glibc
import Journal
import Kit
import Pages
import Posix
import Slots
import Stick
import Store

struct StickCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stick",
    abstract:
      "Take a kit, a list, a key or an update from a USB stick, or write the journal to one. For root's services.",
    discussion: """
      A device takes what a stick holds when it is plugged in (firstword-stick@.service): kits (.kit), updates of the \
      system (.system), recall lists and key rotations (.json with .json.minisig), in the root directory or in the \
      directory 'firstword'. No other file is opened. A directory 'channel' is left to firstword-sync. Of several kits it \
      installs the newest that the store accepts.

      The stick is mounted read-only, without devices and programs, and reachable for this process only; the process then \
      gives up all rights but that to read. Files are copied to the spool, verified there by root's other service, and \
      installed. The daemon says by LED, tone and voice what became of them, when nothing plays. A stick can be pulled at \
      any moment.

      Public keys (.pub) are trusted, and the journal is written, only after a chord that the board file names: stop and \
      another button, held for some seconds.

      Exit status: 0 done, or nothing to do; 1 something on the stick is wrong for this device; 2 failed.
      """,
    subcommands: [Take.self, Keys.self, Copy.self])

  struct Take: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take what a stick holds: kits, recall lists, key rotations, updates of the system.")

    @Argument(help: ArgumentHelp("The stick's device, or a directory in its place.", valueName: "DEVICE|DIR"))
    var source: String

    @OptionGroup var options: StickOptions

    func run() throws { try StickVisit(options).end { try $0.take(from: [source], withKeys: false) } }
  }

  struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Trust the public keys on the sticks that are plugged in, and take what else they hold.",
      discussion: """
        firstword-stick-keys.service runs it after the chord 'trust-stick'. Anyone who holds the device and has a stick \
        decides in this way whose kits it plays: leave the chord out of the board file where that must not be.
        """)

    @Argument(help: ArgumentHelp("Devices or directories; by default all USB sticks.", valueName: "DEVICE|DIR"))
    var sources: [String] = []

    @OptionGroup var options: StickOptions

    func run() throws {
      try StickVisit(options).end { try $0.take(from: sources.isEmpty ? StickDevices.all() : sources, withKeys: true) }
    }
  }

  struct Copy: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "journal",
      abstract: "Write the journal to a stick, redacted or whole as the board says.",
      discussion: """
        firstword-stick-journal.service runs it after the chord 'journal-to-stick'. It writes one new file and changes \
        no other: firstword-journal-NUMBER.html, a hand-over sheet of all sessions without answers, times and hashes; or, \
        with 'journal: { stick: whole }' in the board file, firstword-journal-NUMBER.jsonl, the journal as it is. NUMBER \
        is that of the journal's last line.
        """)

    @Argument(
      help: ArgumentHelp("Devices or directories to choose from; by default all USB sticks.", valueName: "DEVICE|DIR"))
    var targets: [String] = []

    @Option(help: ArgumentHelp("The compiled board.", valueName: "BOARD.json"))
    var board = "/etc/firstword/board.json"

    @Option(help: ArgumentHelp("The daemon's --journal.", valueName: "FILE"))
    var journal = "/var/lib/firstword/daemon/journal"

    @OptionGroup var options: StickOptions

    func run() throws {
      try StickVisit(options).end {
        try $0.write(journal, of: board, to: targets.isEmpty ? StickDevices.all() : targets)
      }
    }
  }
}

/// The places that a stick's files go to.
struct StickOptions: ParsableArguments {
  @OptionGroup var store: StoreOption
  @OptionGroup var place: SystemPlace

  @Option(help: ArgumentHelp("The spool for updates of the system.", valueName: "DIR"))
  var systemSpool = Spool.systems.string

  @Option(
    help: ArgumentHelp("firstword-sync's configuration: a device that has it follows a channel.", valueName: "FILE"))
  var channel = "/etc/firstword/channel.json"
}

/// One visit of one or more sticks: what is taken and written, and how it is announced.
final class StickVisit {
  private let options: StickOptions
  private var store: StoreOption { options.store }
  private var report = StickReport()
  private var isAnnounced = false

  /// The maximum size of a kit, and of an update, in bytes.
  private static let limits = (kit: 1 << 30, system: 512 << 20)

  init(_ options: StickOptions) { self.options = options }

  /// An open stick.
  private final class OpenStick {
    let source: String
    let root: Directory

    init(_ source: String, _ root: consuming Directory) {
      self.source = source
      self.root = root
    }
  }

  /// Runs a visit, and announces its outcome.
  func end(_ body: (StickVisit) throws -> Void) throws {
    do { try body(self) } catch { add((error as? Failure)?.status == 1 ? .refused : .failed, "\(error)") }
    for line in report.lines {
      switch line.outcome {
      case .present, .done: print("\(line.text)")
      case .refused, .failed: Terminal.complain("\(line.text)")
      }
    }
    guard isAnnounced || !report.lines.isEmpty else { return }
    store.announce(report.outcome.rawValue, report.summary)
    switch report.outcome {
    case .present, .done: return
    case .refused: throw ExitCode(1)
    case .failed: throw ExitCode(2)
    }
  }

  private func add(_ outcome: StickReport.Outcome, _ text: String) { report.add(outcome, text) }

  private func begin() {
    if !isAnnounced { store.announce("begun") }
    isAnnounced = true
  }

  /// Opens sticks, or directories in their places, and gives up the right to mount.
  ///
  /// - Throws: the first reason where none of them can be opened.
  private func open(_ sources: [String], writes: Bool = false) throws -> [OpenStick] {
    var sticks: [OpenStick] = []
    var failure = Failure.impossible("no USB stick is plugged in")
    for source in sources {
      do {
        let root =
          Files.isDirectory(source) ? try Directory(openingItself: source) : try StickMount.open(source, writes: writes)
        sticks.append(OpenStick(source, root))
        // One new file on one stick.
        if writes { break }
      } catch { if sticks.isEmpty { failure = Failure.impossible("\(error)") } }
    }
    try StickMount.dropRights(writes: writes)
    if sticks.isEmpty { throw failure }
    return sticks
  }

  // MARK: Taking

  /// Takes what sticks hold.
  ///
  /// - Parameter withKeys: whether their public keys are trusted.
  func take(from sources: [String], withKeys: Bool) throws {
    if withKeys { begin() }
    var hasChannel = false
    for stick in try open(sources) {
      try take(from: stick.root, stick.source, withKeys: withKeys)
      if ChannelStick.isCarried(by: stick.root) { hasChannel = true }
    }
    if !isAnnounced, report.lines.isEmpty {
      if hasChannel {
        guard Files.exists(options.channel) else {
          return add(.refused, "\(sources[0]): its channel is none that this device follows (\(options.channel))")
        }
        // firstword-sync-stick@.service takes it.
        return Terminal.remark("\(sources[0]): a channel, and nothing else for this device")
      }
      // A partition beside the one that matters is no fault: some computers make one on each stick.
      let others = sources.count == 1 ? StickDevices.others(of: sources[0]) : []
      if others.isEmpty { add(.refused, report.summary) } else { Terminal.remark("\(sources[0]): \(report.summary)") }
    }
  }

  private func take(from root: borrowing Directory, _ source: String, withKeys: Bool) throws {
    let listing = try StickListing(root)
    if !listing.items.isEmpty { begin() }
    if listing.isCut { add(.failed, "\(source): it has more files than are examined; use a stick with fewer") }
    let keys = listing.items.filter { $0.kind == .key }
    if withKeys {
      for item in keys { try deliver(item, of: root, limit: Spool.keyLimit) }
    } else if !keys.isEmpty, keys.count == listing.items.count {
      add(.refused, "\(source): it holds only keys, which are trusted with the buttons for it and no other way")
    }
    for item in listing.items where item.kind == .list { try takeList(item, of: root) }
    try takeKit(listing.items.filter { $0.kind == .kit }, of: root)
    try takeSystem(listing.items.filter { $0.kind == .system }, of: root)
  }

  private func takeList(_ item: StickListing.Item, of root: borrowing Directory) throws {
    let place = try folder(item, of: root)
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try place.read(item.name, limit: SignedFile.limit) } catch {
      return add(error.code == EFBIG ? .refused : .failed, "\(error)")
    }
    if let state = try? store.store.state(), StickChoice.isKnown(bytes, to: state) {
      return add(.present, "\(item.path): it is known already")
    }
    try deliver(item, of: root, limit: SignedFile.limit)
  }

  private func takeKit(_ items: [StickListing.Item], of root: borrowing Directory) throws {
    if items.isEmpty { return }
    let state = try store.doing { try $0.state() }
    var candidates: [StickChoice.Candidate] = []
    for item in items { candidates.append(try candidate(item, of: root, state)) }
    switch StickChoice(candidates, state) {
    case .none: break
    case .install(let item): try deliver(item, of: root, limit: Self.limits.kit)
    case .present(let name): add(.present, "\(name) is installed already, and played")
    case .refused(let errors): for error in errors { add(error.isRefusal ? .refused : .failed, "\(error)") }
    case .ambiguous(let names):
      add(.refused, "several kits are possible (\(names.joined(separator: ", "))); leave one of them on the stick")
    }
  }

  private func candidate(
    _ item: StickListing.Item, of root: borrowing Directory, _ state: StoreState
  ) throws -> StickChoice.Candidate {
    let place = try folder(item, of: root)
    do throws(SystemError) {
      let file = try place.open(item.name, O_RDONLY)
      do throws(KitError) {
        return StickChoice.Candidate(item, try KitFile(path: item.path, file: file), for: state)
      } catch {
        return StickChoice.Candidate(item, .kit(error))
      }
    } catch { return StickChoice.Candidate(item, .system(error)) }
  }

  private func takeSystem(_ items: [StickListing.Item], of root: borrowing Directory) throws {
    if items.isEmpty { return }
    guard options.place.exists else {
      return add(.refused, "\(items[0].path): only a device that was made with 'firstword image' takes such updates")
    }
    // The newest. Which key signed it, root's service verifies.
    var newest: (item: StickListing.Item, version: SystemVersion)?
    for item in items {
      let place = try folder(item, of: root)
      do {
        let update = try SystemFile(path: item.path, file: try place.open(item.name, O_RDONLY))
        let version = SystemVersion(update.manifest.version)
        if let found = newest, version < found.version { continue }
        newest = (item, version)
      } catch let error as SystemUpdateError { add(error.isRefusal ? .refused : .failed, "\(error)") }
    }
    if let item = newest?.item { try deliver(item, of: root, limit: Self.limits.system) }
  }

  private func folder(_ item: StickListing.Item, of root: borrowing Directory) throws -> Directory {
    if let folder = item.folder { return try root.directory(folder) }
    return try root.duplicate()
  }

  /// Copies a file to the spool, and waits for what becomes of it.
  private func deliver(_ item: StickListing.Item, of root: borrowing Directory, limit: Int) throws {
    let spool = item.kind == .system ? Spool(options.systemSpool) : Spool(store.spoolPath ?? Spool.standard.string)
    let place = try folder(item, of: root)
    let name: String
    do throws(StoreError) { name = try spool.submit(item.name, of: place, as: item.kind, limit: limit) } catch {
      return add(error.isRefusal ? .refused : .failed, "\(error)")
    }
    let result = try store.result(name, of: item.path, in: spool)
    switch result.outcome {
    case .done: add(.done, result.message)
    case .refused: add(.refused, result.message)
    case .failed, .begun: add(.failed, result.message)
    }
  }

  // MARK: Writing

  /// Writes the journal to a new file of a stick.
  func write(_ journal: String, of boardFile: String, to targets: [String]) throws {
    begin()
    let copy = try Board.load(boardFile).journal.stickCopy
    if copy == .nothing { return add(.refused, "this board writes no journal to a stick ('journal:' in its file)") }
    let reading = try JournalReading(JournalFiles.all(of: journal))
    if reading.lines.isEmpty { return add(.refused, "\(journal): it has no lines yet") }
    let content = copy == .whole ? try reading.files.flatMap { try Files.read($0) } : Array(redacted(reading).utf8)
    for stick in try open(targets, writes: true) {
      let name = try stick.root.createNew(
        "firstword-journal-\(reading.head?.number ?? 0)", ending: copy == .whole ? ".jsonl" : ".html", with: content)
      if copy == .whole, let heads = try? Files.read(JournalHeads.path(of: journal), limit: JournalHeads.limit) {
        _ = try stick.root.createNew("heads.\(name)", ending: "", with: heads)
      }
      try stick.root.syncFileSystem()
      add(
        .done, "\(stick.source): \(name) has \(counted(reading.lines.count, "line")) of the journal, \(copy.rawValue)")
    }
  }

  private func redacted(_ reading: JournalReading) -> String {
    let kit = try? store.store.snapshot().choose(acceptsDrafts: true).kit
    return HandoverSheet(
      JournalSession.all(in: reading.entries), breaks: JournalBreak.all(in: reading.entries),
      verification: .init(reading), kit: kit.map { .init($0.manifest, $0.bundles) }, times: HandoverTimes(.current),
      isRedacted: true, made: .now, program: "firstword \(programVersion)"
    ).page.document
  }
}

extension JournalFiles {
  /// Returns the files of a journal: those that are full, in their order, and the present one.
  static func all(of journal: String) -> [String] {
    let path = Path(journal)
    let names = (try? Files.list(path.parent)) ?? []
    let full = names.compactMap { name -> Int? in
      name.hasPrefix("\(path.lastComponent).") ? Int(name.dropFirst(path.lastComponent.count + 1)) : nil
    }
    return full.sorted().map { "\(journal).\($0)" } + [journal]
  }
}
