import ArgumentParser
import Board
import Foundation
import Kit
import Playback
import Posix

struct Play: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Play one clip of a kit.",
    discussion: "  firstword play demo.kit ro safe-here")

  @Argument(help: "The kit.")
  var kit: String

  @Argument(help: ArgumentHelp("The language, by tag or name.", valueName: "LANG"))
  var language: String

  @Argument(help: "The prompt's id or number.")
  var prompt: String

  @Option(help: ArgumentHelp("ALSA PCM to play to.", valueName: "NAME"))
  var pcm = "default"

  func run() throws {
    let file = try KitFile(path: kit)
    let bundle = try file.language(language)
    guard let clip = bundle.clips.first(where: { $0.isNamed(prompt) }) else {
      throw Failure.impossible(
        "\(kit): \(bundle.tag) has no prompt '\(prompt)'; it has \(bundle.clips.map(\.item).joined(separator: ", "))")
    }
    let prepared = try PreparedClip(try file.bytes(of: clip), frames: clip.frames)
    let player = try ClipPlayer(Board.Sound(pcm: pcm))
    print("\(padded(clip.number, 2)) \(clip.item), \(bundle.autonym): \(clip.text)")
    if !clip.back.isEmpty { print(Terminal.paint(clip.back, .faint)) }
    var asked = false
    while true {
      var poll = Poll()
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: nil)
      for event in player.takeEvents() {
        switch event.kind {
        case .found where !asked:
          asked = player.play(prepared, token: 1)
        case .lost:
          throw Failure.impossible(
            "\(pcm): cannot play: \(ClipPlayer.cause(event.code)); 'aplay -L' lists the PCMs, --pcm selects one")
        case .completed: return
        case .stopped, .failed: throw Failure.impossible("\(pcm): the clip was interrupted")
        default: break
        }
      }
    }
  }
}
