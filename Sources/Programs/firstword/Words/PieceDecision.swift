import Catalogue
import Import
import Kit
import KitBuilder

/// A person listens to the uncertain pieces of a long take, one after the other, and says what each is.
struct PieceDecision {
  private let build: KitBuild
  private let source: Source
  private let player: PreviewPlayer

  init(_ build: KitBuild, _ source: Source, pcm: String) throws {
    self.build = build
    self.source = source
    player = try PreviewPlayer(pcm: pcm)
  }

  /// What is answered stands in the plan; what is not stays out.
  func decide(_ indices: [Int], in plan: inout ImportPlan) throws {
    print("y or Enter: it is. A number: it is that prompt's. n: leave it out. p: once more. q: enough.")
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
      let clip = try? build.master.clip(
        recording.cut(piece),
        tags: ClipTags(
          title: prompt.title, language: tag, voice: row.voice ?? "", prompt: prompt.id, status: "DRAFT",
          synthetic: false), serial: 1
      ).bytes
      switch try ask(row, prompt, clip) {
      case .quit: return
      case .leaveOut: plan.leaveOut(index)
      case .take(let chosen):
        plan.take(index, as: chosen, over: build)
        for doubt in plan.rows[index].doubts { print("  it stays out: \(doubt.printable)") }
      }
    }
  }

  private enum Answer {
    case take(Prompt)
    case leaveOut, quit
  }

  private func ask(_ row: ImportPlan.Row, _ prompt: Prompt, _ clip: [UInt8]?) throws -> Answer {
    let text = row.language.flatMap { build.catalogue.wording(prompt.id, in: $0)?.text } ?? ""
    print("  \(prompt.stem)\n  \(Terminal.paint(text, .bold))")
    while true {
      if let clip { try player.play(clip) }
      guard let line = try player.line("Is it this? [y/n/p/q/number] ")?.lowercased() else { return .quit }
      switch line {
      case "", "y", "yes": return .take(prompt)
      case "n", "no": return .leaveOut
      case "q": return .quit
      case "p": continue
      default:
        if let number = Int(line), let other = build.catalogue.prompt(number: number),
          build.project.prompts.contains(other.id)
        {
          return .take(other)
        }
        print("  there is no such prompt in the project")
      }
    }
  }
}
