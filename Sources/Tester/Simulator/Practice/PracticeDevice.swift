import Board
import Control
import Foundation
import Glibc
import Posix

/// A device to practise with: the shipped daemon without lines, on the machine's own sound card, or in silence where it
/// has none. Its buttons are pressed, and its LED and journal seen, through its control socket.
public final class PracticeDevice {
  public struct Setup: Sendable {
    public var kit: String
    /// A public key or a directory of them.
    public var trust: String?
    /// Of the board that is practised with; its lines, inputs and LEDs are left out.
    public var board: Board
    /// ALSA's name of the card; nil for the simulated one, which keeps a card's time and is not heard.
    public var pcm: String?

    public init(kit: String, board: Board, trust: String? = nil, pcm: String? = "default") {
      self.kit = kit
      self.board = board
      self.trust = trust
      self.pcm = pcm
    }
  }

  public let client: ControlClient
  /// Why nothing is heard; nil where it is.
  public let silence: String?
  private let daemon: DaemonProcess
  private let place: TemporaryDirectory

  /// Starts the daemon in a new directory under TMPDIR, which goes when this goes. A card that cannot be used is no error:
  /// `silence` says why.
  public init(_ setup: Setup) throws {
    let place = try TemporaryDirectory()
    self.place = place
    var cause = setup.pcm == nil ? "no sound card was asked for" : nil
    if let pcm = setup.pcm {
      let daemon = try Self.start(setup, in: place.path, pcm: pcm, environment: [:])
      let client = try ControlClient(path: place.path + "/control")
      let deadline = Monotonic.now.adding(milliseconds: 3000)
      var status = try client.ask(.status).status
      // It says within moments whether the card could be opened.
      while status?.sound == false, status?.speaker.cause == nil, Monotonic.now < deadline {
        var poll = Poll()
        try poll.wait(until: Monotonic.now.adding(milliseconds: 20))
        status = try client.ask(.status).status
      }
      if status?.sound == true {
        (self.daemon, self.client, silence) = (daemon, client, nil)
        return
      }
      cause = "\(pcm): \(status?.speaker.cause ?? "no sound card")"
      _ = daemon.stop()
      // What it bound there stays.
      unlink(place.path + "/ready")
    }
    var card = CardConfiguration(library: try CardConfiguration.findLibrary(), record: place.path + "/card.record")
    card.control = place.path + "/card.faults"
    let alsa = try card.write(to: place.path + "/card.conf")
    daemon = try Self.start(
      setup, in: place.path, pcm: CardConfiguration.pcm, environment: [CardConfiguration.environmentName: alsa])
    client = try ControlClient(path: place.path + "/control")
    silence = cause
  }

  deinit { _ = daemon.stop() }

  /// Ends all of it at once, from any thread: for a program that is interrupted.
  public var abandon: @Sendable () -> Void {
    let (process, directory) = (daemon.identifier, place.path)
    return {
      kill(process, SIGKILL)
      try? FileManager.default.removeItem(atPath: directory)
    }
  }

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
    // It is practice: nobody is spoken to.
    if board.use == .trial { arguments += ["--allow-draft", "--allow-untrusted"] }
    return try DaemonProcess(
      try DaemonProcess.find(), arguments: arguments, environment: environment, directory: directory)
  }
}
