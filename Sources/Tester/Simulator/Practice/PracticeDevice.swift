import Board
import BoardJSON
import Control
import Foundation
import Glibc
import Posix

/// A device to practise with: the shipped daemon without lines, on the machine's sound card, or on a simulated card if
/// there is none. Its control socket presses its buttons and reports its LED and journal.
public final class PracticeDevice {
  /// The kit, the board and the card to practise with.
  public struct Setup: Sendable {
    /// Path of the kit.
    public var kit: String
    /// Path of a public key, or of a directory of them.
    public var trust: String?
    /// The board; its lines, inputs and LEDs are ignored.
    public var board: Board
    /// ALSA name of the card; `nil` for the simulated card, which keeps a card's time and is not audible.
    public var pcm: String?

    /// Creates a setup.
    public init(kit: String, board: Board, trust: String? = nil, pcm: String? = "default") {
      self.kit = kit
      self.board = board
      self.trust = trust
      self.pcm = pcm
    }
  }

  /// A client of the daemon's control socket.
  public let client: ControlClient
  /// Why nothing is audible; `nil` if the sound card works.
  public let silence: String?
  private let daemon: DaemonProcess
  private let place: TemporaryDirectory

  /// Starts the daemon in a new directory under TMPDIR, which is removed with the value.
  ///
  /// If the card cannot be used, the simulated card replaces it and ``silence`` gives the reason.
  ///
  /// - Throws: ``DaemonProcess/Failure`` if the daemon does not start.
  public init(_ setup: Setup) throws {
    let place = try TemporaryDirectory()
    self.place = place
    var cause = setup.pcm == nil ? "no sound card was requested" : nil
    if let pcm = setup.pcm {
      let daemon = try Self.start(setup, in: place.path, pcm: pcm, environment: [:])
      let client = try ControlClient(path: place.path + "/control")
      let status = try Self.openedCard(client)
      if status?.sound == true {
        (self.daemon, self.client, silence) = (daemon, client, nil)
        return
      }
      cause = "\(pcm): \(status?.speaker.cause ?? "no sound card")"
      _ = daemon.stop()
      // The notification socket remains, and its name must be free for the next start.
      unlink(place.path + "/ready")
    }
    var card = CardConfiguration(library: try CardConfiguration.findLibrary(), record: place.path + "/card.record")
    card.control = place.path + "/card.faults"
    let alsa = try card.write(to: place.path + "/card.conf")
    daemon = try Self.start(
      setup, in: place.path, pcm: CardConfiguration.pcm, environment: [CardConfiguration.environmentName: alsa])
    client = try ControlClient(path: place.path + "/control")
    silence = cause
    // A press before the card is open would fail.
    _ = try Self.openedCard(client)
  }

  /// Waits until the daemon has opened its card or reports why it cannot, for 3 s at most.
  private static func openedCard(_ client: ControlClient) throws -> DaemonStatus? {
    let deadline = Monotonic.now.adding(milliseconds: 3000)
    var status = try client.ask(.status).status
    while status?.sound == false, status?.speaker.cause == nil, Monotonic.now < deadline {
      var poll = Poll()
      try poll.wait(until: Monotonic.now.adding(milliseconds: 20))
      status = try client.ask(.status).status
    }
    return status
  }

  deinit { _ = daemon.stop() }

  /// Kills the daemon and removes the directory at once. Safe to call from any thread, for a program that is
  /// interrupted.
  public var abandon: @Sendable () -> Void {
    let (process, directory) = (daemon.identifier, place.path)
    return {
      kill(process, SIGKILL)
      try? FileManager.default.removeItem(atPath: directory)
    }
  }

  /// Whether the daemon runs.
  public var isRunning: Bool { daemon.isRunning }

  private static func start(
    _ setup: Setup, in directory: String, pcm: String, environment: [String: String]
  ) throws -> DaemonProcess {
    var board = setup.board
    board.lines.buttons = []
    board.inputs = []
    board.leds = []
    try Files.replace(directory + "/board.json", with: try board.json())
    var arguments = [
      "--board", directory + "/board.json", "--kit", setup.kit, "--pcm", pcm, "--socket", directory + "/control",
      "--journal", directory + "/journal.jsonl",
    ]
    if let trust = setup.trust { arguments += ["--trust", trust] }
    // Practice has no listener, so a trial board needs no approved kit.
    if board.use == .trial { arguments += ["--allow-draft", "--allow-untrusted"] }
    return try DaemonProcess(
      try DaemonProcess.find(), arguments: arguments, environment: environment, directory: directory)
  }
}
