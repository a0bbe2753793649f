import ArgumentParser
import Catalogue
import KitBuilder
import Posix

struct Synthesize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Speak trial recordings with espeak-ng, for a project that has none yet.",
    discussion: """
      They are marked synthetic, and so is every kit that holds one: good for trials and tests, never for a listener \
      in the field. A recording that is there is left alone. A language for which espeak-ng has no voice of its own \
      is skipped; no neighbour's voice stands in.
      """)

  @Flag(
    name: .customLong("device-lines"),
    help: "Only what the device says to the responder, which a released kit may have in synthetic speech.")
  var deviceLines = false

  @OptionGroup var project: ProjectPlace

  func run() throws {
    // Nobody records or imports meanwhile what is spoken here.
    try checkProject(project.directory)
    let lock = try lockProject(project.directory)
    defer { lock.end() }
    let workspace = try project.load(day: nil)
    let synthesis = try Synthesis()
    let requests = deviceLines ? workspace.requestsOfDevice : workspace.requests
    let progress = SharedProgress("spoken")
    let results = synthesis.speak(requests, into: workspace.recordingsDirectory, existing: workspace.tree.takes) {
      progress.show($0, of: requests.count)
    }
    progress.end()
    var failed = 0
    if requests.isEmpty && deviceLines { print("the device says no line: the project has no operator-voice") }
    for tag in workspace.languages where requests.contains(where: { $0.language == tag }) {
      let own = results.filter { $0.request.language == tag }
      let spoken = own.count { if case .spoken = $0.outcome { true } else { false } }
      let there = own.count { if case .recorded = $0.outcome { true } else { false } }
      if own.contains(where: { $0.outcome == .noVoice }) {
        print("\(filled(tag, 9)) skipped: espeak-ng has no voice of this language, and no other may stand in")
      } else {
        print("\(filled(tag, 9)) \(spoken) spoken\(there > 0 ? ", \(there) recorded already" : "")")
      }
      for result in own {
        if case .failed(let why) = result.outcome {
          failed += 1
          Terminal.complain("\(tag) \(result.request.prompt): \(why)")
        }
      }
    }
    if failed > 0 { throw ExitCode(2) }
  }
}

extension Array {
  fileprivate func count(_ matches: (Element) -> Bool) -> Int { reduce(0) { $0 + (matches($1) ? 1 : 0) } }
}
