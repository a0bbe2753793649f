import ArgumentParser
import Control
import Glibc
import Image
import Kit
import Posix
import Store

struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Manage a device's store: installed kits, the active kit, trusted keys, recalls.",
    discussion: """
        firstword store list
        firstword store rollback             # return to the previous kit
        firstword store recall recalls.json  # apply a publisher's recall list
        firstword store rekey rotation.json  # the publisher has a new key
        firstword store prune                # remove kits that are no longer needed
        firstword store results              # what became of kits and lists in the spool

      On a device the store belongs to root. Members of the group firstword may give it what a publisher signed: for \
      them 'firstword install', 'store recall' and 'store rekey' put the file into /var/spool/firstword, wait until root's \
      firstword-store.service has verified it, and report the result. All other changes are root's.

      Exit status: 0 done; 1 refused (not trusted, recalled, damaged, unknown); 2 failed.
      """,
    subcommands: [
      List.self, Activate.self, Rollback.self, Prune.self, Trust.self, Rekey.self, Recall.self, Results.self,
      Apply.self, Migrate.self,
    ])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show kits, trusted keys and recalls.")

    @OptionGroup var store: StoreOption

    @Flag(help: "JSON output.")
    var json = false

    func run() throws {
      let snapshot = try store.doing { try $0.snapshot() }
      let state = snapshot.state
      if json { return try printJSON(state) }
      var table = Table(["", "kit", "version", "kit.json", "note"])
      for kit in state.kits.reversed() {
        let place = kit.file == state.active ? "active" : kit.file == state.previous ? "before" : ""
        let refusal = snapshot.refusal(of: kit)
        let isHeldBack = snapshot.holdsBack(name: kit.name, version: kit.version)
        let notes = [
          kit.draft ? "DRAFT" : nil, isHeldBack ? "held back by an operator" : nil,
          refusal.map { $0.isRecall ? "RECALLED" : "NOT PLAYABLE: \($0.cause)" },
        ]
        table.add([
          place, kit.name, kit.version, String(kit.sha256.prefix(16)), notes.compactMap { $0 }.joined(separator: ", "),
        ])
      }
      if state.kits.isEmpty {
        Terminal.remark("no kit yet; 'firstword install KIT' installs one")
      } else {
        table.print()
      }
      for key in state.keys {
        guard let whole = PublicKey(base64: key.key) else { continue }
        let notes = [
          state.recall(of: whole) != nil ? "RECALLED" : key.retired ? "retired: nothing new of it is taken" : nil,
          key.recallsAll == true ? "recalls for all publishers" : nil,
        ]
        print("\((["trusts \(whole.id)"] + notes.compactMap { $0 }).joined(separator: "  "))")
      }
      for (signer, list) in state.recalls.sorted(by: { $0.key < $1.key }) {
        let id = PublicKey(base64: signer)?.id.description ?? signer
        print("recalls of \(id): \(list.entries.count), issue \(list.issue)")
      }
      if let fallback = FallbackRecord(store.store.daemonDirectory).current {
        print(
          """
          firstwordd plays \(fallback.kit ?? "no kit") since \(fallback.time.description): \
          \(fallback.reasons.joined(separator: "; "))
          """)
      }
    }
  }

  struct Activate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make another installed kit the active one; it is verified first.")

    @Argument(help: ArgumentHelp("The kit's name, name and version, or file name.", valueName: "NAME[@VERSION]"))
    var kit: String

    @OptionGroup var store: StoreOption

    func run() throws {
      let kit = try store.doing { try $0.activate(self.kit) }
      store.tellDaemon()
      print("\(kit.label)  \(store.fate(of: kit))")
    }
  }

  struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Return to the previous kit. A second rollback returns to the present one.",
      discussion: """
        The kit from which you go back is held back: a member of the group, a stick or firstword-sync cannot bring the \
        same version again, and 'store list' shows it as held back. A later version is installed as ever; so is this one \
        if the kit to which you went back is recalled or can no longer be read. 'store activate' and 'install \
        --allow-downgrade' hold back a later version of the same kit in the same way. A second rollback, 'store activate' \
        or 'install' by root ends it. The daemon's journal has a line of it.
        """)

    @OptionGroup var store: StoreOption

    func run() throws {
      let kit = try store.doing { try $0.rollback() }
      store.tellDaemon()
      print("\(kit.label)  \(store.fate(of: kit))")
    }
  }

  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove all kits except the active one, the previous one, and the last that is no DRAFT.")

    @OptionGroup var store: StoreOption

    func run() throws {
      let gone = try store.doing { try $0.prune() }
      for kit in gone { print("\(kit.name) \(kit.version)  removed") }
      if gone.isEmpty { Terminal.remark("nothing to remove") }
      store.tellDaemon()
    }
  }

  struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Trust a publisher's key; creates the store if it does not exist.",
      discussion: """
        Anyone who has the secret key decides what this device says to people. Compare the key's id with the \
        publisher's over another channel than the file's: by telephone, or on paper.

        A publisher's recall list applies to its own kits, clips and keys. With --recalls-all it applies to those of \
        every publisher: for a ministry that supervises several, or for a second key that is kept in case the first is \
        stolen. 'firstword store trust KEY.pub --no-recalls-all' withdraws this; what the key recalled of others is then \
        played again.
        """)

    @Argument(help: ArgumentHelp("Public key.", valueName: "NAME.pub"))
    var key: String

    @Flag(
      inversion: .prefixedNo, help: "Apply its recall lists to every publisher; default: only to its own.")
    var recallsAll: Bool?

    @OptionGroup var store: StoreOption

    func run() throws {
      let key = try PublicKey(reading: self.key)
      let isNew = try store.doing { try $0.trust(key, recallsAll: recallsAll) }
      let grant = recallsAll == true ? ", and recalls for all publishers" : ""
      print("\(key.id)  \(isNew ? "trusted from now on" : "was trusted already")\(grant)")
      store.tellDaemon()
    }
  }

  struct Rekey: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Apply a publisher's change of key ('firstword rekey').",
      discussion: """
        The statement must be signed with the old key. From then on the new key is trusted. Installed kits that the old \
        key signed still play; nothing new that it signed is accepted: no kit, no recall list, no other change. The new \
        key can recall what the old one signed. A statement is applied once, and none returns to a replaced key.
        """)

    @Argument(help: ArgumentHelp("The statement; FILE.json.minisig is its signature.", valueName: "FILE.json"))
    var statement: String

    @OptionGroup var store: StoreOption

    func run() throws {
      if let spool = store.spool {
        return print("\(try store.deliver(statement, as: .list, through: spool).message)")
      }
      let rotation = try store.doing { try $0.rotate(statement) }
      print("\(rotation.old) is followed by \(rotation.newKey?.id.description ?? "")")
      store.tellDaemon()
    }
  }

  struct Recall: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Apply a publisher's recall list ('firstword recall').",
      discussion: """
        Recalled clips are no longer played: their button signals that the message is not available. A recalled kit is \
        replaced by the previous one. Nothing that a recalled key signed is played.

        A list applies to what its own publisher signed, also with keys that were replaced since; to what others signed \
        only after 'firstword store trust KEY.pub --recalls-all'. Lists only grow: a lower issue is refused, and so is \
        another list with the known issue.
        """)

    @Argument(help: ArgumentHelp("The list; LIST.json.minisig is its signature.", valueName: "LIST.json"))
    var list: String

    @OptionGroup var store: StoreOption

    func run() throws {
      if let spool = store.spool { return print("\(try store.deliver(list, as: .list, through: spool).message)") }
      let recalling = try store.doing { try $0.recall(self.list) }
      let (list, others) = (recalling.list, recalling.unheeded)
      print("\(list.entries.count) recalled, issue \(list.issue)")
      for entry in others {
        Terminal.complain(
          """
          \(entry.kind.rawValue) \(entry.id): another publisher's, so it is still used; if this publisher may recall \
          it, use 'firstword store trust KEY.pub --recalls-all'
          """)
      }
      do { _ = try store.store.snapshot().choose(acceptsDrafts: store.daemonAcceptsDrafts ?? true) } catch {
        Terminal.complain("\(error)")
      }
      store.tellDaemon()
    }
  }
}

extension StoreCommand {
  struct Results: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what became of the kits and lists that were put into the spool, the latest last.")

    @OptionGroup var store: StoreOption

    @Flag(help: "JSON output.")
    var json = false

    func run() throws {
      let results = try Spool(store.spoolPath ?? Spool.standard.string).results()
      if json { return try printJSON(results) }
      var table = Table(["time", "result", "what happened"])
      for result in results { table.add([result.time.description, result.outcome.rawValue, result.message]) }
      if results.isEmpty { Terminal.remark("nothing was put into the spool yet") } else { table.print() }
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Verify and apply what lies in the spool. For root's firstword-store.service.",
      discussion: """
        Takes each key, kit, recall list and key rotation from /var/spool/firstword/in, verifies it as 'firstword install' and \
        'firstword store' do, changes the store, records the result, and removes the file. Drafts and older versions are \
        refused: only root installs them, by hand. A key is accepted only if root has put it there ('firstword stick keys').

        Exit status: 0 nothing is left, also where files were refused; 2 something failed.
        """)

    @OptionGroup var store: StoreOption

    func run() throws {
      let spool = Spool(store.spoolPath ?? Spool.standard.string)
      var failures = 0
      try store.doing { _ in
        try spool.apply(to: Store(store.path, waits: true), inspect: ClipInspection.fault) { result in
          if result.outcome == .done {
            print("\(result.message)")
            store.tellDaemon()
          } else {
            Terminal.complain("\(result.message)")
          }
          if result.outcome == .failed { failures += 1 }
        }
      }
      if failures > 0 { throw ExitCode(2) }
    }
  }

  struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a store over from the daemon's account, which owned it in earlier versions. For root.",
      discussion: """
        The store belongs to root afterwards, and the daemon's journal lies in its directory 'daemon'. The command can be \
        stopped at any moment and run again; where nothing is left to do it changes nothing. firstword-migrate.service \
        runs it before the daemon starts.

        Compare the ids of the trusted keys that it prints with the publishers': until now the daemon's account could \
        have changed them.

        Exit status: 0 done, or nothing to do; 1 something of a strange form is left, as reported; 2 failed.
        """)

    @OptionGroup var store: StoreOption

    func run() throws {
      let migration = try store.doing { try $0.migrate() }
      for change in migration.changes { print("\(change)") }
      if migration.changes.isEmpty { Terminal.remark("nothing to take over") }
      if !migration.changes.isEmpty, let state = try? store.store.state() {
        for key in state.keys.compactMap({ PublicKey(base64: $0.key) }) {
          print("trusts \(key.id); compare this id with the publisher's")
        }
      }
      for leftover in migration.leftovers { Terminal.complain("\(leftover)") }
      if !migration.leftovers.isEmpty { throw ExitCode(1) }
    }
  }
}

/// The device's store, the spool before it, and the socket that notifies its daemon of a change.
struct StoreOption: ParsableArguments {
  /// The store of a device.
  private static let standard = "/var/lib/firstword"

  @Option(name: .customLong("store"), help: ArgumentHelp("The device's store.", valueName: "DIR"))
  var path = Self.standard

  @Option(
    name: .customLong("spool"),
    help: ArgumentHelp(
      "The spool for accounts that may not change the store; default: /var/spool/firstword for the device's store.",
      valueName: "DIR"))
  var spoolPath: String?

  @Option(help: ArgumentHelp("The daemon's --socket.", valueName: "PATH"))
  var socket = "/run/firstword/control"

  var store: Store { Store(path) }

  /// The spool, where this account may not change the store; nil where it may, and where the store has no spool.
  var spool: Spool? {
    guard let place = spoolPath ?? (path == Self.standard ? Spool.standard.string : nil) else { return nil }
    return geteuid() == 0 || access(path, W_OK) == 0 || !Files.exists(path) ? nil : Spool(place)
  }

  /// Runs an operation of the store. What the store refuses is a finding (exit status 1); other errors are failures (2).
  func doing<Result>(_ body: (Store) throws -> Result) throws -> Result {
    // The daemon's account must be able to read what is written.
    umask(0o022)
    if let fault = (try? store.snapshot())?.fault { Terminal.complain("\(fault)") }
    do { return try body(store) } catch let error as StoreError {
      if case .unconfirmed = error { tellDaemon() }
      if error.isRefusal { throw Failure.wrong("\(error)") }
      if case .system(let cause) = error, [EACCES, EPERM].contains(cause.code), geteuid() != 0 {
        throw Failure.impossible("\(error); only the owner of the store changes it: use sudo")
      }
      throw error
    }
  }

  /// Seconds until root's service must have begun with a file, and until it must have ended.
  private static let patience = (begin: 20, end: 1800)

  /// Puts a file into the spool and waits until root's service has verified and applied it.
  ///
  /// - Returns: the result; its message calls the file by its own path.
  func deliver(_ file: String, as kind: Spool.Kind, through spool: Spool) throws -> Spool.Result {
    let result = try self.result(try doing { _ in try spool.submit(file, as: kind) }, of: file, in: spool)
    switch result.outcome {
    case .refused: throw Failure.wrong("\(result.message)")
    case .failed: throw Failure.impossible("\(result.message)")
    case .done, .begun: return result
    }
  }

  /// Waits until root's service has verified and applied a file of the spool; after a time in which none began with it,
  /// the file is withdrawn.
  ///
  /// - Parameters:
  ///   - item: its name in the spool.
  ///   - file: its own path, which the result's message has.
  func result(_ item: String, of file: String, in spool: Spool) throws -> Spool.Result {
    let start = Monotonic.now
    let (begin, end) = (
      start.adding(milliseconds: Self.patience.begin * 1000), start.adding(milliseconds: Self.patience.end * 1000)
    )
    while true {
      let results = try spool.results()
      if var result = results.last(where: { $0.item == item }), result.outcome != .begun {
        result.message = result.message.replacing(spool.path(of: item), with: file)
        return result
      }
      let isBusy = results.contains { $0.outcome == .begun }
      if Monotonic.now >= (isBusy ? end : begin) { break }
      var pause = Poll()
      try pause.wait(until: .now.adding(milliseconds: 100))
    }
    spool.withdraw(item)
    throw Failure.impossible(
      """
      \(file): root's service did not take it from \(spool.directory) in time, and it was withdrawn; 'systemctl status \
      firstword-store.path firstword-store.service firstword-system.path firstword-system.service' says why
      """)
  }

  /// Notifies a running daemon of a change; does nothing if none runs, because a daemon reads the store when it starts.
  func tellDaemon() {
    guard Files.isSocket(socket) else { return }
    do { _ = try ControlClient(path: socket).ask(.reload) } catch {
      Terminal.remark("the running firstwordd was not notified (\(error)); use 'firstword ctl reload'")
    }
  }

  /// Has the running daemon announce how far something came; does nothing if none runs.
  ///
  /// - Parameters:
  ///   - outcome: `begun`, or how it ended.
  ///   - detail: what happened, for people.
  func announce(_ outcome: String, _ detail: String? = nil) {
    guard Files.isSocket(socket) else { return }
    do { _ = try ControlClient(path: socket).ask(.notice, outcome: outcome, detail: detail) } catch {
      Terminal.remark("the running firstwordd does not announce this (\(error))")
    }
  }

  /// Whether the running daemon plays drafts; nil if none runs, or it does not say.
  var daemonAcceptsDrafts: Bool? {
    guard Files.isSocket(socket) else { return nil }
    return try? ControlClient(path: socket).ask(.status).status?.drafts
  }

  /// Returns whether the new active kit is played, for people: a draft is played only by a daemon that accepts it.
  func fate(of kit: StoreState.Installed) -> String {
    if !kit.draft { return "played from now on" }
    let accepts = daemonAcceptsDrafts
    if accepts == true { return "played from now on" }
    let other = try? store.snapshot().choose(acceptsDrafts: false).kit.manifest
    let rest = other.map { ", and goes on with \($0.name) \($0.version)" } ?? ", and no other kit here can be played"
    return accepts == nil
      ? "played by a firstwordd with --allow-draft; any other plays no DRAFT\(rest)"
      : "not played: the running firstwordd plays no DRAFT\(rest)"
  }
}

extension StoreState.Installed {
  /// Name and version, and whether it is a draft.
  var label: String { "\(name) \(version)\(draft ? " DRAFT" : "")" }
}
