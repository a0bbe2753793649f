import ArgumentParser
import Diagnostics
import Encoding
import Kit
import KitBuilder
import Pages
import Posix

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two kits.",
    discussion: """
      Shows clips that were added, removed, recorded again, reworded or approved, and their change in loudness; and \
      changes of prompts, numbers, languages and contacts. A clip whose file changed but not its sound, as after an \
      approval, does not count as recorded again.

        firstword diff old.kit new.kit
        firstword diff old.kit new.kit --html diff.html    # with players side by side

      Signatures are not compared; 'firstword verify' verifies them.

      Exit status: 0 the same; 1 different; 2 a kit cannot be read or is damaged.
      """)

  @Argument(help: "The old kit.")
  var old: String

  @Argument(help: "The new kit.")
  var new: String

  @Flag(help: "JSON output.")
  var json = false

  @Option(
    help: ArgumentHelp("Also write a self-contained page with both versions of each clip.", valueName: "FILE.html"))
  var html: String?

  func run() throws {
    let comparison = try KitComparison(try KitFile(path: old), try KitFile(path: new))
    let diff = comparison.diff
    if let html { try Files.replace(html, with: Array(page(of: comparison).page.document.utf8)) }
    if json { try printJSON(diff) } else { show(diff) }
    if !diff.isEmpty { throw ExitCode(1) }
  }

  private func show(_ diff: KitDiff) {
    if diff.isEmpty { return print("the same") }
    for change in diff.changes {
      switch (change.before, change.after) {
      case (nil, let after?): print("+ \(change.what): \(after)")
      case (let before?, nil): print("- \(change.what): \(before)")
      case (let before, let after): print("  \(change.what): \(quoted(before)) → \(quoted(after))")
      }
    }
    for clip in diff.clips {
      let sign = clip.kinds == [.added] ? "+" : clip.kinds == [.removed] ? "-" : " "
      let place = "\(clip.language) \(padded(clip.number, 2)) \(clip.prompt)"
      print("\(sign) \(filled(place, 36)) \(filled(clip.voice, 9)) \(clip.marks.joined(separator: ", "))")
      if clip.kinds.contains(.worded), let before = clip.before, let after = clip.after {
        print("      - \(before.text)\n      + \(after.text)")
      }
    }
    let counts = KitDiff.Kind.allCases.map { kind in (kind, diff.clips.filter { $0.kinds.contains(kind) }.count) }
      .filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }
    Terminal.remark("\(([counted(diff.clips.count, "clip differs", "clips differ")] + counts).joined(separator: ", "))")
  }

  private func quoted(_ text: String?) -> String { text.map { $0.isEmpty ? "nothing" : $0 } ?? "nothing" }

  private func page(of comparison: KitComparison) throws(KitError) -> DiffPage {
    let (old, new) = (comparison.old, comparison.new)
    var groups: [DiffPage.Group] = []
    for group in comparison.groups {
      var pairs: [DiffPage.Pair] = []
      for pair in group.pairs {
        let clip = pair.change
        pairs.append(
          DiffPage.Pair(
            number: clip.number, prompt: clip.prompt, title: pair.title, voice: clip.voice, marks: clip.marks,
            before: try side(clip.before, old), after: try side(clip.after, new, silent: pair.soundsAlike)))
      }
      groups.append(
        DiffPage.Group(
          language: TextLanguage(group.bundle), english: group.bundle.english, autonym: group.bundle.autonym,
          pairs: pairs))
    }
    func name(_ kit: KitFile) -> String { "\(kit.manifest.name) \(kit.manifest.version)" }
    return DiffPage(
      before: name(old), after: name(new),
      changes: comparison.diff.changes.map { DiffPage.Change(what: $0.what, before: $0.before, after: $0.after) },
      groups: groups)
  }

  private func side(_ clip: Clip?, _ kit: KitFile, silent: Bool = false) throws(KitError) -> DiffPage.Side? {
    guard let clip else { return nil }
    return DiffPage.Side(clip: clip, sound: silent ? nil : try kit.bytes(of: clip))
  }
}
