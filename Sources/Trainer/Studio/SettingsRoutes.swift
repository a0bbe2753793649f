import Catalogue
import Diagnostics
import Encoding
import Kit
import KitBuilder
import Posix
import Project
import Web

/// What the page shows and changes of a project's `kit.yaml`.
struct SettingsView: Encodable {
  /// A hash of the settings.
  var version: String
  /// The path of the file.
  var file: String
  var name: String
  var kitVersion: String
  /// The answer modes; the first is the default.
  var answers: [AnswerMode]
  var operatorLanguage: String?
  /// The languages that the device can speak.
  var operatorLanguages: [String]
  var lines: DeviceLinesView?
  /// The ids of the reviewers' keys.
  var reviewers: [String]

  init(_ workspace: Workspace, file: String) {
    let settings = ProjectSettings(workspace.project)
    version = Self.version(of: settings)
    self.file = file
    name = settings.name
    kitVersion = settings.version
    answers = settings.answers
    operatorLanguage = settings.operatorLanguage
    operatorLanguages = workspace.catalogue.languages.filter(\.isForResponder).map(\.tag)
    lines = DeviceLinesView(workspace)
    reviewers = workspace.approvals.keyIDs.map(\.description)
  }

  /// Returns the version of settings, by which a change names what it was made from.
  static func version(of settings: ProjectSettings) -> String {
    let parts = [settings.name, settings.version, settings.operatorLanguage ?? ""] + settings.answers.map(\.rawValue)
    return String(Digest.sha256(parts.joined(separator: "\n")).prefix(16))
  }
}

/// What the device says to the responder, and how much of it has a sound.
struct DeviceLinesView: Encodable {
  /// The tag of the language.
  var language: String
  var count: Int
  /// Those that a person has recorded.
  var recorded: Int
  /// Those in synthetic speech.
  var synthetic: Int

  /// Counts the lines; nil if the device plays tones.
  init?(_ workspace: Workspace) {
    guard let tag = workspace.project.operatorLanguage, let language = workspace.catalogue.language(tag) else {
      return nil
    }
    let lines = Set(workspace.prompts(of: language).filter { $0.module == .operator }.map(\.id))
    let takes = workspace.tree.takes.filter { $0.language == tag && lines.contains($0.prompt) }
    let spoken = Set(takes.filter { $0.voice != Take.synthetic }.map(\.prompt))
    self.language = tag
    count = lines.count
    recorded = spoken.count
    synthetic = Set(takes.map(\.prompt)).subtracting(spoken).count
  }

  /// The number of lines without any sound.
  var missing: Int { count - recorded - synthetic }
}

/// A wish to change settings, as the page sends it.
private struct SettingsWish: Decodable {
  var version: String
  var name: String
  var kitVersion: String
  var answers: [AnswerMode]
  /// A tag; empty for tones.
  var operatorLanguage: String

  func apply(to settings: inout ProjectSettings) {
    (settings.name, settings.version, settings.answers) = (name, kitVersion, answers)
    settings.operatorLanguage = operatorLanguage.isEmpty ? nil : operatorLanguage
  }
}

extension Studio {
  /// The routes of a project's settings, of its reviewers' keys, and of the device's own lines.
  var settingsRoutes: [Route] {
    let path = "/api/1/projects/:project"
    return [
      Route("GET", path + "/settings") { request throws(Refusal) in
        .json(try self.settings(of: try self.store(request)))
      },
      Route("POST", path + "/settings") { request throws(Refusal) in
        try self.requireWritable()
        let wish = try request.decode(SettingsWish.self)
        let store = try self.store(request)
        return try store.changing { () throws(Refusal) -> WebResponse in
          let workspace = try store.read().workspace
          let old = ProjectSettings(workspace.project)
          if SettingsView.version(of: old) != wish.version {
            return .json(Conflict(current: try self.settings(of: store)), status: 409)
          }
          var settings = old
          wish.apply(to: &settings)
          do throws(DiagnosticsError) {
            try ProjectFile.change(
              Self.kitFile(of: store), to: settings, from: old, catalogue: workspace.catalogue)
          } catch {
            // An editor saved the file in this moment.
            if error.diagnostics.first?.code == "conflict" {
              return .json(Conflict(current: try self.settings(of: store)), status: 409)
            }
            throw Refusal(422, error.diagnostics)
          }
          self.publish(store)
          return .json(try self.settings(of: store))
        }
      },
      Route("POST", path + "/reviewer-keys") { request throws(Refusal) in
        struct Wish: Decodable { var key: String }
        try self.requireWritable()
        let wish = try request.decode(Wish.self)
        let store = try self.store(request)
        let key: PublicKey
        do throws(KeyError) { key = try PublicKey(content: Array(wish.key.utf8), named: "the key") } catch {
          throw Refusal(422, "key", "\(error)", "choose the reviewer's .pub file")
        }
        try store.changing { () throws(Refusal) in
          do throws(DiagnosticsError) { _ = try ReviewerKeys.add(key, to: store.directory) } catch {
            throw Refusal(422, error.diagnostics)
          }
        }
        self.publish(store)
        return .json(try self.settings(of: store), status: 201)
      },
      Route("POST", path + "/speak") { request throws(Refusal) in
        try self.requireWritable()
        let store = try self.store(request)
        if try store.read().workspace.project.operatorLanguage == nil {
          throw Refusal(422, "refused", "the device plays tones, and says no line", "choose its language first")
        }
        let job = try self.jobs.start(.speak, project: store.id) { progress throws(Refusal) in
          try self.speakLines(of: store, progress)
        }
        return .json(job, status: 202)
      },
    ]
  }

  private static func kitFile(of store: ProjectStore) -> String {
    Path(store.directory).appending(ProjectFile.name).string
  }

  private func settings(of store: ProjectStore) throws(Refusal) -> SettingsView {
    SettingsView(try store.read().workspace, file: Self.kitFile(of: store))
  }

  /// Synthesizes the device's own lines that have no sound. Nobody records or imports meanwhile what is spoken here.
  private func speakLines(
    of store: ProjectStore, _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Refusal) {
    let outcomes = try store.changing { () throws(Refusal) -> [Synthesis.Outcome] in
      let workspace = try store.read().workspace
      let requests = workspace.requestsOfDevice
      let synthesis: Synthesis
      do throws(Synthesis.Missing) { synthesis = try Synthesis() } catch {
        throw Refusal(422, "refused", "\(error)", "or record the lines in the booth")
      }
      return synthesis.speak(requests, into: workspace.recordingsDirectory, existing: workspace.tree.takes) {
        progress($0, requests.count)
      }.map(\.outcome)
    }
    publish(store)
    for outcome in outcomes {
      switch outcome {
      case .spoken, .recorded: continue
      case .noVoice:
        throw Refusal(
          422, "refused", "espeak-ng has no voice of this language, and no other may stand in",
          "record the lines in the booth")
      case .failed(let reason): throw Refusal(422, "refused", reason, "record the lines in the booth")
      }
    }
  }
}
