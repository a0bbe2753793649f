import Catalogue
import Diagnostics
import Import
import Kit
import KitBuilder

/// Plays the uncertain pieces of a long take and asks the user which prompt each one is.
struct PieceDecision {
  private let workspace: Workspace
  private let mastering: Mastering
  private let source: Source
  private let player: PreviewPlayer

  init(_ workspace: Workspace, _ source: Source, pcm: String) throws {
    self.workspace = workspace
    mastering = ClipPipeline(workspace).mastering
    self.source = source
    player = try PreviewPlayer(pcm: pcm)
  }

  /// Asks about each piece and enters the answers into the plan. Pieces without an answer are not imported.
  func decide(_ indices: [Int], in plan: inout ImportPlan) throws {
    print("y or Enter: this prompt. A number: that prompt. n: exclude it. p: play it again. q: quit.")
    var open: (file: Int, recording: Recording)?
    for index in indices {
      let row = plan.rows[index]
      guard let prompt = row.prompt, let tag = row.language, let piece = row.piece else { continue }
      if open?.file != row.file {
        open = (row.file, try source.recording(of: row))
      }
      guard let recording = open?.recording else { continue }
      print(
        "\n\(piece.lowerBound.place) to \(piece.upperBound.place): \(row.doubts.joined(separator: "; "))"
      )
      let clip = try? mastering.clip(
        recording.cut(piece),
        tags: ClipTags(
          title: prompt.title, language: tag, voice: row.voice ?? "", prompt: prompt.id, status: "DRAFT",
          synthetic: false), serial: 1
      ).bytes
      switch try ask(row, prompt, clip) {
      case .quit: return
      case .leaveOut: plan.leaveOut(index)
      case .take(let chosen):
        plan.take(index, as: chosen, over: workspace)
        for doubt in plan.rows[index].doubts { print("  not imported: \(doubt.printable)") }
      }
    }
  }

  private enum Answer {
    case take(Prompt)
    case leaveOut, quit
  }

  private func ask(_ row: ImportPlan.Row, _ prompt: Prompt, _ clip: [UInt8]?) throws -> Answer {
    let text = row.language.flatMap { workspace.catalogue.wording(prompt.id, in: $0)?.text } ?? ""
    print("  \(prompt.stem)\n  \(Terminal.paint(text, .bold))")
    while true {
      if let clip { try player.play(clip) }
      guard let line = try player.line("Is it this prompt? [y/n/p/q/number or id] ")?.lowercased() else { return .quit }
      switch line {
      case "", "y", "yes": return .take(prompt)
      case "n", "no": return .leaveOut
      case "q": return .quit
      case "p": continue
      default:
        let named = Int(line).flatMap { workspace.catalogue.prompt(number: $0) } ?? workspace.catalogue.item(line)
        if let other = named, workspace.items.contains(where: { $0.id == other.id }) {
          return .take(other)
        }
        print("  the project has no prompt with this number or id")
      }
    }
  }
}
