import ArgumentParser
import Control
import Diagnostics
import Glibc
import Kit
import Posix
import Slots
import Store

struct SystemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "system",
    abstract: "Update the system of a device that was made with 'firstword image', or make such an update.",
    discussion: """
      The card of such a device has room for two systems. An update is written to the slot that does not run, and verified \
      there; it starts at the next start of the device, on trial. It is good once its daemon was ready; after three starts \
      without that, the device returns to the system before. Store, journal, board and keys lie in a partition of their \
      own and stay. Kernel and initramfs are the same for both systems: they change only by flashing the card.

        firstword system pack base.img --key publisher.key -o 1.2.system
        firstword system install 1.2.system       # on the device; or put it on a stick

      Exit status: 0 done, or nothing to do; 1 the update is refused; 2 failed.
      """,
    subcommands: [Status.self, Install.self, Pack.self, Good.self, Trial.self, Apply.self])

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show both systems, and which one starts next.")

    @OptionGroup var place: SystemPlace

    private struct Report: Encodable {
      struct System: Encodable {
        var slot: Slot
        var version: String?
        var rootHash: String?
        var runs: Bool
      }

      var next: Slot
      /// Starts that the next one still has before the other is taken; absent for a good one.
      var tries: Int?
      /// Starts since the daemon was last ready.
      var boots: Int
      var systems: [System]
    }

    @Flag(help: "JSON output.")
    var json = false

    func run() throws {
      let (disk, running) = try place.open()
      let state = try disk.state()
      var tries: Int?
      if case .left(let count) = state.tries { tries = count }
      var systems: [Report.System] = []
      for slot in Slot.allCases {
        let trailer = try disk.trailer(slot)
        systems.append(
          .init(slot: slot, version: trailer?.version, rootHash: trailer?.rootHash, runs: slot == running))
      }
      if json {
        return try printJSON(Report(next: state.slot, tries: tries, boots: state.boots, systems: systems))
      }
      var table = Table(["slot", "system", ""])
      for system in systems {
        let notes = [
          system.runs ? "runs" : nil, system.slot == state.slot ? "starts next" : nil,
          system.slot == state.slot ? tries.map { "on trial: \(counted($0, "start")) left" } : nil,
        ]
        table.add([system.slot.rawValue, system.version ?? "none", notes.compactMap { $0 }.joined(separator: ", ")])
      }
      table.print()
    }
  }

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hand an update to root's service, which verifies it and writes it to the slot that does not run.")

    @Argument(help: ArgumentHelp("The update.", valueName: "FILE.system"))
    var update: String

    @OptionGroup var store: StoreOption

    @Option(help: ArgumentHelp("The spool for updates.", valueName: "DIR"))
    var systemSpool = Spool.systems.string

    func run() throws { print("\(try store.deliver(update, as: .system, through: Spool(systemSpool)).message)") }
  }

  struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a signed update of the system in an image of Hardware/image.")

    @Argument(help: ArgumentHelp("The image; the system in its slot a is packed.", valueName: "base.img"))
    var image: String

    @Option(help: ArgumentHelp("The publisher's secret key.", valueName: "NAME.key"))
    var key: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The update to write.", valueName: "FILE.system"))
    var output: String

    func run() throws {
      let key = try Terminal.secretKey(self.key)
      let manifest = try SystemFile.pack(SlotDisk(image), .a, signedBy: key, to: output)
      print("\(output): system \(manifest.version), \(manifest.size) bytes, root hash \(manifest.rootHash)")
    }
  }

  struct Good: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record that the running system is good. For root's firstword-good.service, after the daemon is ready.")

    @OptionGroup var place: SystemPlace

    func run() throws {
      let (disk, running) = try place.open(writing: true)
      if try disk.markGood(running) { print("the system in slot \(running.rawValue) is good") }
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Verify and write the updates that lie in the spool. For root's firstword-system.service.",
      discussion: """
        Each update must be signed by a key that the store trusts, and must not be older than the running system. The card \
        is not written to while the device speaks.
        """)

    @OptionGroup var place: SystemPlace
    @OptionGroup var store: StoreOption

    @Option(help: ArgumentHelp("The spool for updates.", valueName: "DIR"))
    var systemSpool = Spool.systems.string

    func run() throws {
      let (disk, running) = try place.open(writing: true)
      let trusted = try store.doing { try $0.state() }.trustedForNew
      let quiet = Quiet(socket: store.socket)
      var failures = 0
      try store.doing { _ in
        try Spool(systemSpool).applySystems { result in
          if result.outcome == .done { print("\(result.message)") } else { Terminal.complain("\(result.message)") }
          if result.outcome == .failed { failures += 1 }
        } install: { (file: consuming FileDescriptor, path: String, result: inout Spool.Result) in
          do throws(SystemUpdateError) {
            let update = try SystemFile(path: path, file: file)
            let outcome = try disk.install(
              update, trustedBy: trusted, running: running, kernel: Self.kernel, pause: quiet.wait)
            result.outcome = .done
            result.message = "\(path): system \(update.manifest.version) "
            switch outcome {
            case .written(let slot):
              result.message += "is in slot \(slot.rawValue), and starts at the next start of the device"
            case .present: result.message += "is there already"
            }
          } catch {
            (result.outcome, result.message) = (error.isRefusal ? .refused : .failed, "\(error)")
          }
        }
      }
      if failures > 0 { throw ExitCode(2) }
    }

    /// The release of the running kernel. uname(2)
    private static var kernel: String {
      var names = utsname()
      uname(&names)
      return withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
  }

  struct Trial: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say whether the running system is on trial. For root's firstword-trial.service.",
      discussion: """
        The service restarts a device whose daemon is not ready five minutes after the start of a system on trial: after \
        three starts the device returns to the system before.

        Exit status: 0 it is on trial; 1 it is not; 2 failed.
        """)

    @OptionGroup var place: SystemPlace

    func run() throws {
      let (disk, running) = try place.open()
      let state = try disk.state()
      if state.slot != running || state.tries == .good { throw ExitCode(1) }
      print("the system in slot \(running.rawValue) is on trial")
    }
  }
}

/// Where the systems of this device are: what the initramfs has recorded in /run.
struct SystemPlace: ParsableArguments {
  @Option(help: ArgumentHelp("Directory in which the initramfs has recorded card and slot.", valueName: "DIR"))
  var run = "/run/firstword-image"

  /// Whether this device has slots.
  var exists: Bool { Files.exists("\(run)/disk") }

  /// Opens the card, and returns with it the slot that was started.
  func open(writing: Bool = false) throws -> (SlotDisk, Slot) {
    guard exists else {
      throw Failure.impossible("\(run)/disk: not there; only a device that was made with 'firstword image' has slots")
    }
    func line(_ name: String) throws -> String {
      String(decoding: try Files.read("\(run)/\(name)", limit: 4096).prefix { $0 != 0x0A }, as: UTF8.self)
    }
    guard let running = Slot(rawValue: try line("slot")) else {
      throw Failure.impossible("\(run)/slot: neither 'a' nor 'b'")
    }
    return (try SlotDisk(try line("disk"), writing: writing), running)
  }
}

/// Waits while a device speaks.
struct Quiet {
  /// The daemon's socket.
  let socket: String
  /// Milliseconds between two questions, and seconds after which a device that never ends is not waited for.
  private static let (interval, patience) = (200, 600)

  /// Returns when nothing is played, or no daemon runs.
  func wait() {
    let end = Monotonic.now.adding(milliseconds: Self.patience * 1000)
    while Files.isSocket(socket), Monotonic.now < end {
      guard let state = try? ControlClient(path: socket).ask(.status).status?.state,
        state.playing != nil || state.activity != nil
      else { return }
      var pause = Poll()
      try? pause.wait(until: .now.adding(milliseconds: Self.interval))
    }
  }
}
