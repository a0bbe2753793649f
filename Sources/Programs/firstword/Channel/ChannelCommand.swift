import ArgumentParser
import ChannelPublisher
import Diagnostics
import Kit
import Posix

struct ChannelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel",
    abstract: "Publish kits to many devices: a folder of static files, signed by several people.",
    discussion: """
      A channel is a directory that any web server, object store or USB stick can carry. Its metadata follow The Update \
      Framework (TUF 1.0): devices take nothing that is old, mixed or unsigned, on whatever way it comes.

        firstword keygen anna                     # and ben, and chris: each on a stick of its own
        firstword keygen kits
        firstword keygen online --no-password     # for the daily job
        firstword channel new web --root anna.pub --root ben.pub --root chris.pub \\
          --threshold 2 --targets kits.pub --online online.pub
        firstword channel sign web --key anna.key
        firstword channel sign web --key ben.key
        firstword channel add web shelter.kit --trust publisher.pub
        firstword channel sign web --key kits.key --key online.key   # publishes
        firstword channel status web

      Upload DIR/metadata and DIR/targets as they are: targets first, metadata/timestamp.json last. Keys are those of \
      'firstword keygen', with or without a passphrase. 'firstword channel sign --online' in a daily job keeps the channel \
      fresh.

      Exit status: 0 done; 1 refused, or a person must sign soon; 2 failed.
      """,
    subcommands: [
      New.self, Add.self, Remove.self, Tidy.self, Recall.self, RollOut.self, Delegate.self, Rotate.self, Sign.self,
      Status.self,
      Receipts.self, WriteReceipt.self,
    ])

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a channel; its first metadata wait for the signatures of its root keys.",
      discussion: """
        Root keys name all other keys. Use three or more, kept by different people on different sticks, and a threshold \
        of two or more: one lost key is then no loss, and one stolen key no danger. Keys of --targets sign what is \
        offered, the key of --online signs that it is the newest.
        """)

    @Argument(help: ArgumentHelp("Directory of the channel; must not exist, or be empty.", valueName: "DIR"))
    var directory: String

    @Option(help: ArgumentHelp("A root key; give several.", valueName: "NAME.pub"))
    var root: [String]

    @Option(help: ArgumentHelp("How many root keys must sign.", valueName: "N"))
    var threshold: Int

    @Option(help: ArgumentHelp("A key that signs what is offered; may be given again.", valueName: "NAME.pub"))
    var targets: [String]

    @Option(help: ArgumentHelp("How many of the --targets keys must sign.", valueName: "N"))
    var targetsThreshold = 1

    @Option(help: ArgumentHelp("The key of the unattended job; may be given again.", valueName: "NAME.pub"))
    var online: [String]

    @Option(
      help: ArgumentHelp("Days for which the newest state is valid without being signed again.", valueName: "DAYS"))
    var timestampDays = 14

    func validate() throws {
      if !(1...365).contains(timestampDays) { throw ValidationError("--timestamp-days is 1 to 365") }
      if root.isEmpty || targets.isEmpty || online.isEmpty {
        throw ValidationError("use --root, --targets and --online, each with a public key")
      }
    }

    func run() throws {
      var days = ChannelSettings.Lifetimes()
      days.timestamp = timestampDays
      let (roots, publishers, jobs) = (try named(root), try named(targets), try named(online))
      let job = KeyChoice(jobs)
      let choices = [
        "root": KeyChoice(roots, threshold: threshold),
        "targets": KeyChoice(publishers, threshold: targetsThreshold), "snapshot": job, "timestamp": job,
      ]
      let folder = try changing { try ChannelFolder.make(directory, choices: choices, days: days, now: .now) }
      print(
        "\(directory)  is a channel; nothing is published yet. Compare the ids with those that people wrote down:\n")
      showKeys([("root", roots), ("targets", publishers), ("online", jobs)])
      showTasks(folder)
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Offer kits; published when the role's keys have signed.",
      discussion: """
          firstword channel add web shelter-1.3.kit --trust publisher.pub --percent 10

        Every clip is verified first. A version must be above the one on offer: devices never go back.

        A statement of 'firstword rekey' is offered in the same way; devices that trust the old key then trust the new \
        one instead. --trust must name the old key. Sign the recall list with the new key too, and offer it again.

          firstword channel add web new.json --trust publisher.pub
        """)

    @OptionGroup var channel: ChannelOption

    @Argument(help: ArgumentHelp("The kits, and key rotations (FILE.json).", valueName: "KIT|FILE.json"))
    var kits: [String]

    @OptionGroup var role: PublisherOption

    @Option(
      help: ArgumentHelp("A public key, or a directory of them, that must have signed the kits.", valueName: "PUB|DIR"))
    var trust: String?

    @Option(help: ArgumentHelp("Share of the devices that take it; raise it with 'roll-out'.", valueName: "N"))
    var percent = 100

    @Flag(help: "Offer a DRAFT, for a channel of trial devices.")
    var allowDraft = false

    func validate() throws {
      if !(0...100).contains(percent) { throw ValidationError("--percent is 0 to 100") }
    }

    func run() throws {
      let trusted = try trust.map { try TrustedKeys(reading: $0) }
      let folder = try channel.open()
      for path in kits {
        if path.hasSuffix(".json") {
          try add(rotation: path, to: folder, trusted)
          continue
        }
        let kit = try openKit(path)
        if let trusted { try requireTrust(in: kit, by: trusted) }
        try requireWhole(kit)
        let result = try changing {
          try folder.add(kit: kit, to: role.role, percent: percent, acceptsDrafts: allowDraft, now: .now)
        }
        show(result, "\(megabytes(kit.size)), waits for signatures")
      }
      showTasks(folder)
    }

    private func add(rotation path: String, to folder: ChannelFolder, _ trusted: TrustedKeys?) throws {
      guard let trusted else { throw Failure.impossible("\(path): give the old key with --trust NAME.pub") }
      try offering { try folder.add(rotation: path, to: role.role, trustedBy: trusted, now: .now) }
    }
  }

  struct Tidy: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove files that no device needs any more.",
      discussion: """
        Removes files of DIR/targets that are no longer offered, and metadata that was replaced, if they are older than a \
        week: devices and mirrors may be in the middle of something. Root metadata stay: a device that was off for years \
        follows them one after another. Mirrors are copied anew with deletion afterwards (rsync --delete).
        """)

    @OptionGroup var channel: ChannelOption

    @Option(help: ArgumentHelp("Keep what is younger.", valueName: "DAYS"))
    var days = 7

    @Flag(help: "Only show what would be removed.")
    var dryRun = false

    func validate() throws {
      if !(0...3650).contains(days) { throw ValidationError("--days is 0 to 3650") }
    }

    func run() throws {
      let folder = try channel.open()
      let tidying = try changing { try folder.tidy(days: days, isTrial: dryRun, now: .now) }
      for file in tidying.files { print("\(file)  \(dryRun ? "would be removed" : "removed")") }
      if tidying.files.isEmpty {
        Terminal.remark("nothing to remove")
      } else {
        Terminal.remark("\(counted(tidying.files.count, "file")), \(megabytes(tidying.bytes))")
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "No longer offer a kit or a list. Devices that have it keep it; 'recall' takes it away.")

    @OptionGroup var channel: ChannelOption

    @Argument(help: ArgumentHelp("The file, as 'channel status' names it.", valueName: "TARGET"))
    var target: String

    func run() throws {
      let folder = try channel.open()
      let role = try changing { try folder.remove(target, now: .now) }
      print("\(target)  ends when \(role) is signed")
      showTasks(folder)
    }
  }

  struct Recall: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Offer a signed recall list, in place of its former issue.",
      discussion: """
          firstword recall add recalls.json --kit old.kit --reason "clips were swapped"
          firstword recall sign recalls.json --key publisher.key
          firstword channel recall web recalls.json --trust publisher.pub

        A list recalls what its own signer published, as ever; the channel does not widen that.
        """)

    @OptionGroup var channel: ChannelOption

    @Argument(help: ArgumentHelp("The list; LIST.json.minisig is its signature.", valueName: "LIST.json"))
    var list: String

    @OptionGroup var role: PublisherOption

    @Option(
      help: ArgumentHelp("A public key, or a directory of them, that must have signed the list.", valueName: "PUB|DIR"))
    var trust: String

    func run() throws {
      let trusted = try TrustedKeys(reading: trust)
      let folder = try channel.open()
      try offering { try folder.recall(list, to: role.role, trustedBy: trusted, now: .now) }
      showTasks(folder)
    }
  }

  struct RollOut: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "roll-out",
      abstract: "Change the share of the devices that take a kit; pause and resume.",
      discussion: """
          firstword channel roll-out web shelter-1.3.kit --percent 50
          firstword channel roll-out web shelter-1.3.kit --pause

        A device decides by its key: those among 10 percent are among 50 percent too. A pause takes nothing away from \
        devices that have the kit.
        """)

    @OptionGroup var channel: ChannelOption

    @Argument(help: ArgumentHelp("The kit, as 'channel status' names it.", valueName: "TARGET"))
    var target: String

    @Option(help: ArgumentHelp("Share of the devices, 0 to 100.", valueName: "N"))
    var percent: Int?

    @Flag(help: "No further device takes it.")
    var pause = false

    @Flag(help: "Devices take it again.")
    var resume = false

    func validate() throws {
      if let percent, !(0...100).contains(percent) { throw ValidationError("--percent is 0 to 100") }
      if pause && resume { throw ValidationError("use --pause or --resume") }
      if percent == nil && !pause && !resume { throw ValidationError("use --percent N, --pause or --resume") }
    }

    func run() throws {
      let folder = try channel.open()
      let (rollout, role) = try changing {
        try folder.roll(target, percent: percent, isPaused: pause ? true : resume ? false : nil, now: .now)
      }
      print("\(target)  \(rollout.percent) percent\(rollout.isPaused ? ", paused" : ""), when \(role) is signed")
      showTasks(folder)
    }
  }

  struct Delegate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a country's publisher offer kits below a directory of its own.",
      discussion: """
          firstword channel delegate web moldova --key chisinau.pub \\
            --key balti.pub --threshold 2

        That publisher adds with --role moldova, and its keys sign. It can offer nothing outside of moldova/.
        """)

    @OptionGroup var channel: ChannelOption

    @Argument(help: ArgumentHelp("Name: lower-case letters, digits, hyphens.", valueName: "ROLE"))
    var role: String

    @Option(help: ArgumentHelp("A key of that publisher; may be given again.", valueName: "NAME.pub"))
    var key: [String]

    @Option(help: ArgumentHelp("How many of these keys must sign.", valueName: "N"))
    var threshold = 1

    func run() throws {
      let choice = KeyChoice(try named(key), threshold: threshold)
      let folder = try channel.open()
      try changing { try folder.delegate(role, choice, now: .now) }
      print("\(role)  may offer \(role)/*, when targets and \(role) are signed")
      showKeys([(role, choice.keys)])
      showTasks(folder)
    }
  }

  struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change the keys of a role, or give its metadata a later end.",
      discussion: """
          firstword channel rotate web --role root --add dora.pub --remove ben
          firstword channel rotate web --role targets                # only a later end

        A new root is signed by the keys before and after the change. For another role, let the old and the new key sign \
        once, if the old one is still there: then no device sees a gap.
        """)

    @OptionGroup var channel: ChannelOption

    @Option(help: ArgumentHelp("root, targets, snapshot, timestamp, or a country's.", valueName: "ROLE"))
    var role: String

    @Option(help: ArgumentHelp("A new key; may be given again.", valueName: "NAME.pub"))
    var add: [String] = []

    @Option(help: ArgumentHelp("A key that goes, by its name or id; may be given again.", valueName: "KEY"))
    var remove: [String] = []

    @Option(help: ArgumentHelp("How many keys must sign from now on.", valueName: "N"))
    var threshold: Int?

    func run() throws {
      let keys = try named(add)
      let folder = try channel.open()
      let roles = try changing {
        try folder.rotate(role, add: keys, remove: remove, threshold: threshold, now: .now)
      }
      print("\(roles.joined(separator: " and "))  waits for signatures")
      if !keys.isEmpty { showKeys([(role, keys)]) }
      showTasks(folder)
    }
  }
}

/// The directory of a channel.
struct ChannelOption: ParsableArguments {
  @Argument(help: ArgumentHelp("Directory of the channel.", valueName: "DIR"))
  var directory: String

  /// Opens the channel, and waits until no other program changes it.
  func open() throws -> ChannelFolder { try changing { try ChannelFolder(opening: directory) } }
}

/// The option for the role that offers files.
struct PublisherOption: ParsableArguments {
  @Option(help: ArgumentHelp("The publisher that offers it: targets, or a country's role.", valueName: "ROLE"))
  var role = "targets"
}

/// Offers a signed document, and says so. One that no trusted key signed is a negative result.
private func offering(_ work: () throws -> ChannelFolder.Addition) throws {
  let result: ChannelFolder.Addition
  do { result = try changing(work) } catch let error as SignedFileError {
    if case .system = error { throw error }
    throw Failure.wrong("\(error)")
  }
  show(result, "waits for signatures")
}

/// Says what became of an offer.
///
/// - Parameter note: what follows for one that is new.
private func show(_ addition: ChannelFolder.Addition, _ note: String) {
  switch addition {
  case .added(let target): print("\(target)  \(note)")
  case .known(let target): print("\(target)  is there already")
  }
}

/// Runs a change; what the channel refuses is a negative result.
func changing<Value>(_ work: () throws -> Value) throws -> Value {
  do { return try work() } catch let error as PublisherError { throw Failure.wrong("\(error)") }
}

/// Shows what people must do, on standard error.
func showTasks(_ folder: ChannelFolder) {
  for task in folder.status(now: .now).tasks { Terminal.remark("next: \(task)") }
}

/// Shows keys with the ids that 'keygen' printed, for people to compare.
private func showKeys(_ keys: [(role: String, keys: [NamedPublicKey])]) {
  var table = Table(["role", "key", "id"])
  for (role, keys) in keys { for key in keys { table.add([role, key.name, key.key.id.description]) } }
  table.print()
}

/// Reads public keys, with the names of their files.
private func named(_ paths: [String]) throws -> [NamedPublicKey] {
  try paths.map { NamedPublicKey(name: Path($0).stem, key: try PublicKey(reading: $0)) }
}
