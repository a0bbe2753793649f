import ArgumentParser
import ChannelPublisher
import Diagnostics
import Distribution
import Encoding
import Kit
import Posix
import Store

extension ChannelCommand {
  struct Receipts: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Count receipts: how many devices have what, and what is missing.",
      discussion: """
          firstword channel receipts stick1 stick2 --channel web
          firstword channel receipts collected --registered devices.txt

        A receipt says which device (by its key) plays which kit, and which version of the channel it has seen. It names \
        no person, no place and no message. Of each device the newest counts. --registered names a file with the ids of \
        all devices, one a line: those that never left a receipt are listed.

        Exit status: 0 counted; 1 some files are no valid receipts; 2 failed.
        """)

    @Argument(help: ArgumentHelp("Folders with receipts; of a stick also its 'receipts'.", valueName: "FOLDER"))
    var folders: [String]

    @Option(help: ArgumentHelp("The channel; shows which devices lack its newest kits.", valueName: "DIR"))
    var channel: String?

    @Option(help: ArgumentHelp("Ids of all devices, one a line.", valueName: "FILE"))
    var registered: String?

    @Flag(help: "JSON output.")
    var json = false

    private struct Result: Encodable {
      struct Kit: Encodable {
        var kit: String?
        var version: String?
        var sha256: String?
        var devices: Int
      }
      struct Channel: Encodable {
        var channel: Int?
        var devices: Int
      }
      var devices: Int
      var kits: [Kit]
      var channels: [Channel]
      var lacking: [String]?
      var unheard: [String]?
      var faults: [String]
      var faultCount: Int
    }

    func run() throws {
      var count = ReceiptCount()
      for folder in folders { try count.add(folder: folder) }
      let newest = try channel.map { path in try changing { try ChannelFolder(opening: path).newestKits } }
      let lacking = newest.map { count.lacking($0).map(\.description) }
      let unheard = try registered.map { try silent(in: $0, count) }
      let faults = count.faults.map { "\($0.path): \($0.why)" }
      if json {
        try printJSON(
          Result(
            devices: count.devices.count,
            kits: count.kits.map {
              .init(kit: $0.kit?.name, version: $0.kit?.version, sha256: $0.kit?.sha256, devices: $0.devices)
            },
            channels: count.channels.map { .init(channel: $0.channel, devices: $0.devices) }, lacking: lacking,
            unheard: unheard, faults: faults, faultCount: count.faultCount))
      } else {
        if count.devices.isEmpty { Terminal.remark("no receipts in \(folders.joined(separator: ", "))") }
        show(count, lacking, unheard)
        for fault in faults { Terminal.complain("\(fault)") }
        if count.faultCount > faults.count {
          Terminal.complain("\(count.faultCount - faults.count) more files are no valid receipts")
        }
      }
      if count.faultCount > 0 { throw ExitCode(1) }
    }

    private func show(_ count: ReceiptCount, _ lacking: [String]?, _ unheard: [String]?) {
      var kits = Table(["kit", "version", "kit.json", "devices"], numbers: [3])
      for entry in count.kits {
        kits.add([
          entry.kit?.name ?? "no kit", entry.kit?.version ?? "", String(entry.kit?.sha256.prefix(16) ?? ""),
          String(entry.devices),
        ])
      }
      kits.print()
      for entry in count.channels {
        let devices = counted(entry.devices, "device")
        print("\(entry.channel.map { "channel \($0)" } ?? "no channel")  \(devices)")
      }
      if let lacking { show(lacking, lacking.count == 1 ? "lacks the newest kit" : "lack the newest kit") }
      if let unheard { show(unheard, "left no receipt") }
    }

    private func show(_ ids: [String], _ what: String) {
      print("\(counted(ids.count, "device")) \(what)")
      for id in ids.prefix(100) { print("  \(id)") }
      if ids.count > 100 { print("  and \(ids.count - 100) more; --json names all") }
    }

    private func silent(in path: String, _ count: ReceiptCount) throws -> [String] {
      let text = String(decoding: try Files.read(path, limit: 64 << 20), as: UTF8.self)
      do throws(DocumentError) { return try count.unheard(in: text).map(\.description) } catch {
        throw Failure.impossible("\(path):\(error)")
      }
    }
  }

  struct WriteReceipt: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "receipt",
      abstract: "On a device: write its receipt to a stick or folder.",
      discussion: """
          firstword channel receipt stick --key-directory /var/lib/firstword-sync

        Makes the device's key if there is none. The receipt names the kit that the store plays, the recall lists that it \
        heeds, and the version of the channel that firstword-sync has seen. Where that keeps its receipt in the directory \
        of the key, the number follows from there.
        """)

    @Argument(help: ArgumentHelp("The folder that gets the receipt.", valueName: "FOLDER"))
    var folder: String

    @Option(help: ArgumentHelp("Directory of the device's key, made if it is missing.", valueName: "DIR"))
    var keyDirectory: String

    @Option(
      help: ArgumentHelp("The version of the channel that was verified; firstword-sync notes it.", valueName: "N"))
    var channelVersion: Int?

    @OptionGroup var store: StoreOption

    func run() throws {
      let snapshot = try store.doing { try $0.snapshot() }
      let key = try DeviceKey.open(in: keyDirectory)
      let name = Receipt.fileName(of: key.publicKey)
      // A device that follows a channel counts its receipts there, so that the latest has the highest number.
      let own = Path(keyDirectory).appending(Receipt.directory)
      let bytes = try? Files.read(own.appending(name), limit: Receipt.limit)
      let known = bytes.flatMap { try? Receipt(file: $0) }.flatMap { $0.key == key.publicKey ? $0 : nil }
      let isCounted = Files.isDirectory(own)
      let receipt = try DeviceReceipt(of: snapshot, channel: channelVersion ?? known?.channel)
        .write(to: isCounted ? own : Path(folder), signedBy: key, after: known?.number ?? 0)
      if isCounted {
        try Files.replace(Path(folder).appending(name), with: try Files.read(own.appending(name), limit: Receipt.limit))
      }
      print("\(name)  receipt \(receipt.number)")
    }
  }
}
