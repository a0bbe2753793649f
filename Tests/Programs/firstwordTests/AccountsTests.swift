import Board
import BoardJSON
import Control
import Foundation
import Glibc
import Kit
import Posix
import Simulator
import Store
import Testing

/// The accounts of a device: root, the daemon's, members of the daemon's group, and others. Each program really runs as
/// its account, which only root can arrange.
@Suite(
  "The accounts of a device", .serialized,
  .enabled(
    if: geteuid() == 0 && Program.isInstalled("setpriv"),
    "SKIPPED: only root can start programs as another account; run the tests as root, with setpriv(1)"))
struct AccountsTests {
  private static let group: gid_t = 64_000
  private static let daemon: uid_t = 64_001
  private static let member: uid_t = 64_002
  private static let secondMember: uid_t = 64_003
  private static let stranger: uid_t = 64_004

  private let place: Workplace
  private let key: SecretKey
  private var directory: String { place.directory }
  private var store: String { place.directory + "/store" }
  private var spool: String { place.directory + "/spool" }
  private var state: String { place.directory + "/store/daemon" }
  private var socket: String { place.directory + "/run/control" }

  init() throws {
    place = try Workplace()
    let directory = place.directory
    let path = directory + "/key"
    _ = try SecretKey.generate(name: path, passphrase: nil)
    key = try SecretKey(reading: path + ".key") { _ in nil }
    for version in ["1.0", "2.0"] {
      try Sandbox.writeKit(
        to: "\(directory)/\(version).kit", key: path + ".key", draft: false, version: version)
    }
    // As firstword.tmpfiles and the units make them.
    try Self.make(directory + "/store", 0, 0, 0o755)
    try Self.make(directory + "/store/daemon", Self.daemon, Self.group, 0o750)
    try Self.make(directory + "/spool", 0, 0, 0o755)
    try Self.make(directory + "/spool/in", 0, Self.group, 0o3770)
    try Self.make(directory + "/run", Self.daemon, Self.group, 0o750)
    // A root that is careful with its files must not hide the store from the daemon.
    let mask = umask(0o077)
    defer { umask(mask) }
    for arguments in [["store", "trust", "key.pub"], ["install", "1.0.kit"]] {
      let outcome = try Program.run(arguments + ["--store", directory + "/store"], in: directory)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  private static func make(_ path: String, _ user: uid_t, _ group: gid_t, _ mode: mode_t) throws {
    try Files.makeDirectory(path)
    try posix("chown", path: path) { chown(path, user, group) }
    try posix("chmod", path: path) { chmod(path, mode) }
  }

  private static func arguments(_ user: uid_t, _ group: gid_t = group) -> [String] {
    ["--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
  }

  /// Starts a program as an account; its output goes to files of the test.
  private func start(
    _ user: uid_t, _ group: gid_t = group, _ command: [String], _ name: String = "command"
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments = Self.arguments(user, group) + command
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    for end in ["out", "err"] { try Files.replace("\(directory)/\(name).\(end)", with: []) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: "\(directory)/\(name).out")
    process.standardError = FileHandle(forWritingAtPath: "\(directory)/\(name).err")
    try process.run()
    return process
  }

  private func end(_ process: Process, _ name: String = "command") throws -> Program.Outcome {
    process.waitUntilExit()
    func text(_ end: String) throws -> String {
      String(decoding: try Files.read("\(directory)/\(name).\(end)"), as: UTF8.self)
    }
    return Program.Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
      output: try text("out"), errors: try text("err"))
  }

  private func run(
    _ user: uid_t, _ group: gid_t = group, _ command: String...
  ) throws -> Program.Outcome { try end(try start(user, group, command)) }

  private func firstword() throws -> String { try Files.programDirectory().appending("firstword").string }

  private func asRoot(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(arguments + ["--store", store, "--socket", socket], in: directory)
  }

  /// What the service does when the path unit starts it, as soon as a file waits.
  private func serve() throws -> Program.Outcome {
    let deadline = Monotonic.now.adding(milliseconds: 30_000)
    while try Files.list(spool + "/in").allSatisfy({ !$0.hasSuffix(".kit") && !$0.hasSuffix(".json") }),
      Monotonic.now < deadline
    { usleep(10_000) }
    return try asRoot("store", "apply", "--spool", spool)
  }

  // MARK: The daemon

  private func startDaemon() throws -> DaemonProcess {
    let own = directory + "/daemon"
    try Self.make(own, Self.daemon, Self.group, 0o755)
    var board = Sandbox.board()
    board.lines.buttons = []
    try Files.replace(own + "/board.json", with: try board.json())
    let card = CardConfiguration(library: try CardConfiguration.findLibrary(), record: own + "/card.record")
    let alsa = try card.write(to: own + "/card.conf")
    let arguments = [
      try DaemonProcess.find(), "--board", own + "/board.json", "--store", store, "--state", state, "--journal",
      state + "/journal", "--socket", socket, "--pcm", CardConfiguration.pcm, "--gpio-root", own, "--led-root", own,
    ]
    return try DaemonProcess(
      "/usr/bin/setpriv", arguments: Self.arguments(Self.daemon) + arguments,
      environment: [CardConfiguration.environmentName: alsa], directory: own)
  }

  private func waitForStatus(_ condition: (DaemonStatus) -> Bool) throws {
    let deadline = Monotonic.now.adding(milliseconds: 30_000)
    var last: DaemonStatus?
    while Monotonic.now < deadline {
      last = try ControlClient(path: socket).ask(.status).status
      if let last, condition(last) { return }
      usleep(20_000)
    }
    Issue.record("\(String(describing: last))")
  }

  private func waitForJournal(_ text: String) throws {
    let deadline = Monotonic.now.adding(milliseconds: 30_000)
    while Monotonic.now < deadline {
      if String(decoding: try Files.read(state + "/journal"), as: UTF8.self).contains(text) { return }
      usleep(20_000)
    }
    Issue.record("the journal never said \(text)")
  }

  @Test(
    "the daemon's account plays and journals from a store that it cannot change, follows root's installs and recalls, and records a fallback in its own directory"
  )
  func daemonOnlyReads() throws {
    let daemon = try startDaemon()
    try waitForStatus { $0.kit == "sounds 1.0" && $0.sound && $0.journal.state == .written }
    for button in ["next-language", "safe-here"] {
      let pressed = try run(Self.member, Self.group, try firstword(), "ctl", "press", button, "--socket", socket)
      #expect(pressed.status == 0, "\(pressed.errors)")
      try waitForJournal(#""event":"completed""#)
    }
    let installed = try asRoot("install", "2.0.kit")
    #expect(installed.output == "sounds 2.0  installed, and played from now on\n", "\(installed.errors)")
    try waitForStatus { $0.kit == "sounds 2.0" }
    #expect(!Files.exists(state + "/fallbacks.json"))

    var list = RecallList()
    let second = try KitFile(path: directory + "/2.0.kit").sha256
    _ = try list.add(Recall(kind: .kit, id: second, reason: "swapped clips", date: "2026-05-01"))
    try SignedFile.write(try list.json(), to: directory + "/r.json", signedBy: key, comment: "r")
    #expect(try asRoot("store", "recall", "r.json").status == 0)
    try waitForStatus { $0.kit == "sounds 1.0" && $0.passedOver?.count == 1 }
    let listed = try asRoot("store", "list")
    #expect(listed.output.contains("firstwordd plays sounds 1.0 since ") && listed.output.contains("swapped clips"))

    // What the account owns, and what it cannot do.
    #expect(daemon.stop() == 0, "\(daemon.log)")
    var foreign: [String] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: store) {
      var status = stat()
      #expect(lstat("\(store)/\(path)", &status) == 0)
      if status.st_uid != 0 { foreign.append(path) }
    }
    let own = ["daemon.key", "daemon.pub", "fallbacks.json", "heads.journal", "journal"].map { "daemon/\($0)" }
    #expect(foreign.sorted() == ["daemon"] + own)
    for attempt in ["touch \(store)/x", "rm \(store)/store.json", "mv \(store)/kits \(store)/away", "> \(store)/lock"] {
      #expect(try run(Self.daemon, Self.group, "/bin/sh", "-c", attempt).status != 0, "\(attempt)")
    }
    // Nor can it keep root out of the store.
    let holder = try start(Self.daemon, Self.group, ["/usr/bin/flock", "-n", store + "/lock", "sleep", "1"], "holder")
    #expect(try end(holder, "holder").status != 0)
  }

  // MARK: The spool

  @Test("a member of the group installs and recalls through the spool, waits for the result, and cannot do more")
  func member() throws {
    let options = ["--store", store, "--spool", spool, "--socket", socket]
    let installing = try start(Self.member, Self.group, [try firstword(), "install", "2.0.kit"] + options)
    let served = try serve()
    #expect(served.status == 0, "\(served.errors)")
    let installed = try end(installing)
    #expect(installed.status == 0 && installed.output == "sounds 2.0  installed, and played from now on\n")
    #expect(installed.errors.isEmpty, "\(installed.errors)")

    // An older version is refused, with the name that the person gave the file.
    let older = try start(Self.member, Self.group, [try firstword(), "install", "1.0.kit"] + options)
    _ = try serve()
    let refused = try end(older)
    #expect(
      refused.status == 1 && refused.errors.hasPrefix("firstword: 1.0.kit: sounds 1.0 is older"), "\(refused.errors)")
    for option in ["--allow-downgrade", "--allow-draft", "--keep-active"] {
      let outcome = try end(
        try start(Self.member, Self.group, [try firstword(), "install", "1.0.kit", option] + options))
      #expect(outcome.status == 2 && outcome.errors.contains("only root"), "\(outcome.errors)")
    }

    var list = RecallList()
    _ = try list.add(
      Recall(
        kind: .kit, id: try KitFile(path: directory + "/2.0.kit").sha256, reason: "swapped clips", date: "2026-05-01"))
    try SignedFile.write(try list.json(), to: directory + "/r.json", signedBy: key, comment: "r")
    let recalling = try start(Self.member, Self.group, [try firstword(), "store", "recall", "r.json"] + options)
    _ = try serve()
    let recalled = try end(recalling)
    #expect(recalled.status == 0 && recalled.output == "r.json: 1 recalled, issue 1\n", "\(recalled.errors)")
    #expect(try Store(store).snapshot().choose(acceptsDrafts: false).kit.manifest.version == "1.0")

    let results = try run(Self.stranger, Self.stranger, try firstword(), "store", "results", "--spool", spool)
    #expect(results.output.contains("refused") && results.output.contains("done"), "\(results.errors)")
    for command in [["prune"], ["rollback"], ["trust", "key.pub"], ["activate", "sounds"]] {
      let outcome = try end(
        try start(Self.member, Self.group, [try firstword(), "store"] + command + ["--store", store]))
      #expect(outcome.status == 2 && outcome.errors.contains("use sudo"), "\(command): \(outcome.errors)")
    }
  }

  @Test("others cannot use the spool, and a member cannot replace, read or remove what another one has put there")
  func members() throws {
    let command = [try firstword(), "install", "2.0.kit", "--store", store, "--spool", spool]
    let outcome = try end(try start(Self.stranger, Self.stranger, command))
    #expect(outcome.status == 2 && outcome.errors.contains("group firstword"), "\(outcome.errors)")
    #expect(
      try run(Self.member, Self.group, "/bin/sh", "-c", "umask 077; cp 2.0.kit \(spool)/in/mine.kit").status == 0)
    for attempt in [
      "rm -f \(spool)/in/mine.kit", "mv \(spool)/in/mine.kit \(spool)/in/yours.kit", "cat \(spool)/in/mine.kit",
      "cp 1.0.kit \(spool)/in/mine.kit", "mv \(spool)/in \(spool)/out", "touch \(spool)/results.json",
    ] {
      #expect(try run(Self.secondMember, Self.group, "/bin/sh", "-c", attempt).status != 0, "\(attempt)")
    }
    // Root's service reads it all the same.
    #expect(try serve().output.contains("sounds 2.0 is installed"))
  }

  @Test("without root's service an install ends with a reason, and the kit is not installed later either")
  func withoutService() throws {
    let outcome = try run(
      Self.member, Self.group, try firstword(), "install", "2.0.kit", "--store", store, "--spool", spool)
    #expect(outcome.status == 2 && outcome.errors.contains("firstword-store.service"), "\(outcome.errors)")
    #expect(try Files.list(spool + "/in").isEmpty)
  }

  // MARK: A store of an earlier version

  /// Gives the store to the daemon's account, as earlier versions did.
  private func giveAway() throws {
    for path in [store] + (try FileManager.default.subpathsOfDirectory(atPath: store)).map({ "\(store)/\($0)" }) {
      try posix("chown", path: path) { lchown(path, Self.daemon, Self.group) }
    }
  }

  @Test("root's commands follow nothing that the daemon's account has put into its store, and migrate takes it over")
  func hostileStore() throws {
    try giveAway()
    let treasure = directory + "/treasure"
    try Self.make(treasure, 0, 0, 0o700)
    let names = ["incoming.part", "sounds-1.0-0123456789abcdef.kit", "store.json"]
    for name in names { try Files.replace("\(treasure)/\(name)", with: Array(name.utf8), mode: 0o600) }
    func isUntouched() throws -> Bool {
      try Files.list(treasure) == names
        && names.allSatisfy { name in
          var status = stat()
          return stat("\(treasure)/\(name)", &status) == 0 && status.st_uid == 0 && status.st_mode & 0o777 == 0o600
            && (try? Files.read("\(treasure)/\(name)")) == Array(name.utf8)
        }
    }
    for attack in [
      "mv kits away; ln -s \(treasure) kits", "rm -f lock; ln -s \(treasure)/store.json lock",
      "ln -sf \(treasure)/store.json store.json", "ln -sf \(treasure)/store.json store.json.part",
      "ln -s \(treasure)/store.json journal; rmdir daemon; ln -s \(treasure) daemon",
    ] {
      #expect(try run(Self.daemon, Self.group, "/bin/sh", "-c", "cd \(store) && (\(attack))").status == 0, "\(attack)")
      for command in [
        ["store", "prune"], ["install", "2.0.kit"], ["store", "rollback"], ["store", "trust", "key.pub"],
      ] {
        _ = try Program.run(command + ["--store", store], in: directory)
        #expect(try isUntouched(), "\(command) after \(attack)")
      }
    }
    let migrated = try asRoot("store", "migrate")
    #expect(migrated.status == 1 && migrated.errors.contains("kits"), "\(migrated.output)\(migrated.errors)")
    #expect(try isUntouched())
    // The remedy that the message names.
    #expect(unlink(store + "/kits") == 0)
    try Files.makeDirectory(store + "/kits")
    let again = try asRoot("install", "2.0.kit")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try isUntouched())
  }

  @Test("doctor warns of a store that the daemon's account can change on a field board, until it is taken over")
  func doctor() throws {
    try Files.replace(directory + "/board.json", with: try Sandbox.board(use: .field).json())
    func warns() throws -> Bool {
      try Program.run(
        ["doctor", "--board", "board.json", "--pcm", "null", "--gpio-root", directory, "--store", store], in: directory
      ).output.contains("store migrate")
    }
    #expect(try !warns())
    try giveAway()
    #expect(try warns())
    #expect(try asRoot("store", "migrate").status == 0)
    #expect(try !warns())
  }

  @Test("a migration that is killed at any moment loses nothing, and the next one ends it")
  func killedMigration() throws {
    #expect(try asRoot("install", "2.0.kit").status == 0)
    let journals = ["journal", "journal.0000000007"]
    func restore() throws {
      for name in journals {
        for path in ["\(state)/\(name)", "\(store)/\(name)"] { unlink(path) }
        try Files.replace("\(store)/\(name)", with: Array(name.utf8))
      }
      try giveAway()
    }
    try restore()
    let start = Monotonic.now
    #expect(try asRoot("store", "migrate").status == 0)
    let whole = Int(Monotonic.now.since(start) / 1000)
    for round in 0..<25 {
      try restore()
      let migration = Process()
      migration.executableURL = URL(fileURLWithPath: try firstword())
      migration.arguments = ["store", "migrate", "--store", store]
      (migration.standardOutput, migration.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
      try migration.run()
      usleep(UInt32.random(in: 0...UInt32(whole)))
      kill(migration.processIdentifier, SIGKILL)
      migration.waitUntilExit()
      for name in journals {
        let found = ["\(state)/\(name)", "\(store)/\(name)"].filter { (try? Files.read($0)) == Array(name.utf8) }
        #expect(found.count == 1, "round \(round): \(name)")
      }
      let choice = try Store(store).snapshot().choose(acceptsDrafts: false)
      #expect(choice.kit.manifest.version == "2.0" && choice.passedOver.isEmpty, "round \(round)")
      let ended = try asRoot("store", "migrate")
      #expect(ended.status == 0, "round \(round): \(ended.errors)")
      #expect(journals.allSatisfy { Files.exists("\(state)/\($0)") }, "round \(round)")
      #expect(try Store(store).state().kits.count == 2)
    }
  }
}
