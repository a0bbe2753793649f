import ArgumentParser
import Control
import Diagnostics
import Distribution
import Encoding
import Glibc
import Kit
import Posix
import Stick
import Sync

@main
struct FirstwordSync: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "firstword-sync",
    abstract: "Follows a publisher's channel: fetches new kits and recall lists for a device.",
    discussion: """
      Reads which mirrors to follow from a configuration, refreshes the channel's signed metadata, fetches what this \
      device should have, and hands it to the spool. 'firstword store apply' verifies and installs it there as if a \
      stranger had brought it. Metadata and files are verified as The Update Framework (TUF 1.0) demands; trust rests \
      neither on certificates nor on the clock.

        firstword-sync --once
        firstword-sync --once --from /media/stick/channel --json
        firstword-sync --stick /dev/sda1

      The configuration is JSON:

        {"format": "firstword-channel/1",
         "mirrors": ["https://kits.example.org/channel"], "kits": ["shelter"]}

        mirrors            URLs of http and https, and paths of directories
        kits               the names of the kits that this device should have;
                           by default those that its store has
        expiry             "warn", the default, accepts metadata that is past
                           its end and reports it, for a device without a clock
                           battery; "strict" refuses it
        bytesPerSecond     the maximum speed
        stallSeconds       how long a transfer may stall, by default 60
        retrySeconds       when no mirror answers, a run asks again after about
                           so many seconds (10), twice and four times as many;
                           0 leaves that to the next run
        proxy              http://proxy:3128; by default that of the
                           environment's http_proxy and https_proxy
        checkCertificates  whether certificates of mirrors are verified (true)
        receipts           a URL to which the device posts its receipt whenever
                           that changes; by default it stays in the folder
        neighbours         whether the folder's "mirror" gets a copy of the
                           channel, which any server of static files can offer
                           to other devices (false)
        silentDays         the days after which the device signals that it has
                           heard nothing new of the channel (30); 0 for never

      Only format and mirrors are needed. Older versions are refused in any case.

      A stick with a directory 'channel', in the layout of a mirror, is taken by --stick (firstword-sync-stick@.service): \
      it is mounted for this process alone, and gets the device's receipt in its directory 'receipts'. A stick without a \
      channel is left alone. A channel that is older than the device's is refused.

      While the device speaks, or a conversation is under way, nothing is transferred. What was interrupted is resumed. \
      Of a new version of a kit only the clips are fetched that the store lacks, where the mirror permits it.

      Exit status: 0 the device has what it should have, or the spool has it; 64 wrong options; 65 the metadata of \
      every mirror was refused; 66 the configuration or the root cannot be read; 69 no mirror was reached; 73 the \
      folder cannot be used, or another run has it; 74 a file could not be fetched, kept or handed over.
      """,
    version: programVersion)

  @Option(help: ArgumentHelp("The configuration.", valueName: "FILE.json"))
  var config = "/etc/firstword/channel.json"

  @Option(
    help: ArgumentHelp("The root that the device's owner trusts, for the first run.", valueName: "FILE.json"))
  var root = "/etc/firstword/root.json"

  @Option(help: ArgumentHelp("A mirror in place of the configuration's; several are allowed.", valueName: "URL|DIR"))
  var from: [String] = []

  @Option(help: ArgumentHelp("The program's own folder.", valueName: "DIR"))
  var folder = "/var/lib/firstword-sync"

  @Option(help: ArgumentHelp("The device's store, which is read.", valueName: "DIR"))
  var store = "/var/lib/firstword"

  @Option(help: ArgumentHelp("The spool of the store.", valueName: "DIR"))
  var spool = "/var/spool/firstword"

  @Option(help: ArgumentHelp("The daemon's control socket, which says whether the device speaks.", valueName: "PATH"))
  var socket = "/run/firstword/control"

  @Option(
    help: ArgumentHelp(
      "Take the channel that a stick carries, leave a receipt there, and end.", valueName: "DEVICE|DIR"))
  var stick: String?

  @Option(
    help: ArgumentHelp("The file that says when the channel was last heard of, for 'firstword ctl'.", valueName: "FILE")
  )
  var news = ChannelNews.standard.string

  @Option(
    help: ArgumentHelp("Wait at most this long until the store has taken what was fetched.", valueName: "SECONDS"))
  var wait = 0

  @Flag(help: "Run once and end; without it, about every six hours.")
  var once = false

  @Flag(help: "Print a report in JSON.")
  var json = false

  func validate() throws {
    if stick != nil && !from.isEmpty { throw ValidationError("--stick takes the place of --from") }
    if wait < 0 { throw ValidationError("--wait is a number of seconds") }
  }

  func run() throws {
    if let stick { return try visit(stick) }
    while true {
      let status = try turn().outcome.rawValue
      if once { throw ExitCode(status) }
      // Devices that were switched on together do not ask together.
      sleep(UInt32.random(in: 3 * 3600...9 * 3600))
    }
  }

  /// Takes the channel of a stick, and says by LED and tone how that ended.
  private func visit(_ source: String) throws {
    do { if try !ChannelStick.enter(source) { return } } catch {
      say("\(error)")
      throw ExitCode(69)
    }
    Device.announce("begun", to: socket)
    let report: SyncReport
    do { report = try turn() } catch {
      Device.announce("failed", to: socket)
      throw error
    }
    Device.announce(report.noticeOfStick, to: socket, report.lineOfStick)
    throw ExitCode(report.outcome.rawValue)
  }

  private func turn() throws -> SyncReport {
    let report: SyncReport
    do {
      var places = Synchronizer.Places(folder: Path(folder), root: Path(root), store: Path(store), spool: Path(spool))
      if stick != nil { places.receipts = Path(ChannelStick.receipts) }
      let isJSON = json
      let synchronizer = Synchronizer(
        try configuration(), places, now: .now, wait: wait, isSounding: { Device.isSounding(socket) },
        pause: { milliseconds in
          var pause = Poll()
          try? pause.wait(until: .now.adding(milliseconds: milliseconds))
        },
        report: { event in
          if case .silent(let text) = event { Device.announce("failed", to: socket, text) }
          if !isJSON { Progress.show(event) }
        })
      report = try synchronizer.run()
      publish(report.news)
    } catch let exit as ExitCode {
      throw exit
    } catch {
      say("\(error)")
      throw ExitCode(73)
    }
    if json {
      print(Printable(json: String(decoding: try Documents.encode(report), as: UTF8.self)))
    } else {
      Progress.show(report)
    }
    return report
  }

  /// Writes the news for other programs; where there is no directory for them, nobody asks.
  private func publish(_ news: ChannelNews?) {
    guard let news, Files.isDirectory(Path(self.news).parent) else { return }
    do { try Files.replace(self.news, with: try Documents.encode(news)) } catch { say("\(error)") }
  }

  private func configuration() throws -> SyncConfiguration {
    if !from.isEmpty && !Files.exists(config) {
      return try checked(config) { () throws(DocumentError) in
        try SyncConfiguration.check(from)
        return SyncConfiguration(mirrors: from)
      }
    }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(config, limit: 1 << 16) } catch {
      say("\(error)")
      throw ExitCode(66)
    }
    return try checked(config) { () throws(DocumentError) in
      var configuration = try SyncConfiguration(json: bytes)
      // It is the working directory. No receipt is posted from there.
      if stick != nil { (configuration.mirrors, configuration.receipts) = ([ChannelStick.channel], nil) }
      if !from.isEmpty {
        try SyncConfiguration.check(from)
        configuration.mirrors = from
      }
      return configuration
    }
  }

  private func checked(
    _ path: String, _ make: () throws(DocumentError) -> SyncConfiguration
  ) throws -> SyncConfiguration {
    do throws(DocumentError) { return try make() } catch {
      say("\(path): \(error)")
      throw ExitCode(66)
    }
  }
}

/// The device, as its daemon describes it.
enum Device {
  /// Returns whether the device speaks or a conversation is under way; false if there is no daemon to ask.
  static func isSounding(_ socket: String) -> Bool {
    guard let client = try? ControlClient(path: socket), let reply = try? client.ask(.status, milliseconds: 2000),
      let status = reply.status
    else { return false }
    return status.playing != nil || status.state?.playing != nil || status.state?.activity != nil
  }

  /// Lets the device say by LED and tone how something ended, when nothing plays; ignores a device without a daemon.
  static func announce(_ outcome: String, to socket: String, _ detail: String? = nil) {
    _ = try? ControlClient(path: socket).ask(.notice, outcome: outcome, detail: detail)
  }
}
