import ArgumentParser
import Catalogue
import Diagnostics
import KitBuilder
import Posix
import Post
import Project

struct PostCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "post",
    abstract: "Write pages for speakers and reviewers who are elsewhere: one file, which they open in a browser.",
    discussion: """
        firstword post booth ro --from "Ana, Shelter" --contact "ana@example.org" -o ro.html --project shelter
        firstword post review km --from "Ana, Shelter" --contact "ana@example.org" -o km.html --project shelter
        firstword import firstword-booth-ro-1a2b3c-1.zip --project shelter

      Send the file, with the message that is written beside it. The person opens the file in a browser, offline, and \
      installs nothing. The page saves one signed file, which comes back by the person's own way; 'firstword import' \
      reads it. Nothing is uploaded.

      The pages need Chrome or Edge 137, Firefox 130, Safari 17, or newer. A laptop is the safest choice. Chrome on \
      Android opens such a file; Firefox on Android and the iPhone do not: 'firstword post site' writes the pages for \
      a web server. Telephones have not been tried.
      """,
    subcommands: [Booth.self, Review.self, Site.self])

  /// The sender of a page, and its languages.
  struct Sender: ParsableArguments {
    @Option(help: ArgumentHelp("The name of the person or project that asks.", valueName: "NAME"))
    var from: String

    @Option(
      help: ArgumentHelp(
        "Where the file goes back to, and where a speaker withdraws: an address that stays valid.", valueName: "TEXT"))
    var contact: String

    @Option(
      help: ArgumentHelp(
        "Tags of the languages to read the page in: en,fr,es,de,ar,ru,cmn-Hans; the first if the browser wants none.",
        valueName: "TAGS"))
    var words = "en"

    @OptionGroup var project: ProjectOption

    func validate() throws {
      for (name, text, length) in [
        ("from", from, PostSender.nameLength), ("contact", contact, PostSender.contactLength),
      ]
      where !length.contains(text.count) || text.contains(where: \.isNewline) {
        throw ValidationError("--\(name) takes \(length.lowerBound) to \(length.upperBound) characters on one line")
      }
    }

    func sender(_ workspace: Workspace, why: String? = nil) throws -> PostSender {
      let catalogue = workspace.catalogue
      let known = catalogue.languages.filter(\.isForResponder).map(\.tag)
      let tongues = words.split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init)
      for tongue in tongues where !known.contains(tongue) {
        throw Failure.impossible(
          "--words: no page is in '\(tongue)'\(Spelling.hint(tongue, known)); use \(known.joined(separator: ","))"
        )
      }
      if tongues.isEmpty || Set(tongues).count != tongues.count {
        throw Failure.impossible("--words takes different tags such as en,fr")
      }
      return PostSender(name: from, contact: contact, why: why, tongues: tongues)
    }

    /// Records pages in the project, so that an import knows them again.
    func record(_ pages: [PostPage], voice: String? = nil, by sender: PostSender) throws {
      let lock = try lockProject(project.directory)
      defer { lock.end() }
      let lines = pages.map { $0.record(on: Day.today(), voice: voice, by: sender) }
      try PostLedger.add(lines, to: project.path(PostLedger.name))
    }
  }

  /// The file of a page, and the message that goes with it.
  struct Output: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The HTML file to write.", valueName: "FILE.html"))
    var output: String

    @Option(
      help: ArgumentHelp("Where the same page is on the web, for the message.", valueName: "URL"))
    var address: String?

    func validate() throws {
      if !output.hasSuffix(".html") || output.hasSuffix("/.html") { throw ValidationError("-o FILE must end in .html") }
      if let address, !address.hasPrefix("https://") { throw ValidationError("--address takes an https address") }
    }

    func write(_ page: PostPage, _ workspace: Workspace, _ sender: PostSender) throws {
      let message = String(output.dropLast(".html".count)) + ".txt"
      try Files.replace(output, with: Array(page.document.utf8))
      try Files.replace(
        message, with: Array(PostMessage(page, in: workspace.catalogue, by: sender, address: address).text.utf8))
      let size = (Double(page.document.utf8.count) / 1024).tenths
      print("\(output)  \(counted(page.count, "text")) in \(page.language.english), \(size) KiB")
      print("\(message)  a message to send with it")
    }
  }

  struct Booth: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the page of a speaker: consent, room, one message after the other, the file to send back.",
      discussion: """
          firstword post booth ro --from "Ana, Shelter" --contact "ana@example.org" -o ro.html --project shelter
          firstword post booth am --from "Ana" --contact "ana@example.org" --words fr,en --why "In May." -o am.html
          firstword post booth ro --voice f1 --from "Ana" --contact "ana@example.org" -o rest.html   # what f1 lacks

        Give the page to one person or to several: each gets a voice of the own at the import. The page asks for the \
        consent, with a pseudonym and the day, and shows a code that only the speaker has: 'firstword takedown CODE' \
        accepts it.
        """)

    @Argument(help: ArgumentHelp("A language, or one prompt of it by id or number.", valueName: "LANG[/PROMPT]"))
    var choice: String

    @OptionGroup var output: Output

    @Option(help: ArgumentHelp("Only what this voice has no recording of.", valueName: "VOICE"))
    var voice: String?

    @Option(help: ArgumentHelp("Why you ask, in your own words and the speaker's language.", valueName: "TEXT"))
    var why: String?

    @OptionGroup var sender: Sender

    func validate() throws {
      if let voice, voice == Take.synthetic || !RecordingTree.isVoice(voice) {
        throw ValidationError("--voice takes a name such as f1, m1 or f2")
      }
      if let why, !PostSender.whyLength.contains(why.count) { throw ValidationError("--why takes 1 to 600 characters") }
    }

    func run() throws {
      let workspace = try sender.project.load()
      let sender = try sender.sender(workspace, why: why)
      let items = try workspace.items(choice).filter { item in
        voice.map { voice in !item.takes.contains { $0.voice == voice } } ?? true
      }
      if items.isEmpty { throw Failure.wrong("nothing is left to record of \(choice); nothing was written") }
      let page = try PostPage.booth(items, of: workspace, by: sender)
      try self.sender.record([page], voice: voice, by: sender)
      try output.write(page, workspace, sender)
    }
  }

  struct Review: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the page of a reviewer: hear, translate, compare, say yes or no.",
      discussion: """
          firstword post review km --from "Ana, Shelter" --contact "ana@example.org" -o km.html --project shelter

        The recordings are in the page. The reviewer translates each message before the page shows what was meant. The \
        page signs the answers with a key that only that browser has; 'firstword vouch' says that a key belongs to the \
        reviewer. Give the page to several people, in any order. On an iPhone, Safari plays the recordings from \
        version 18.4 on.
        """)

    @Argument(help: ArgumentHelp("A language, or one prompt of it by id or number.", valueName: "LANG[/PROMPT]"))
    var choice: String

    @OptionGroup var output: Output
    @OptionGroup var sender: Sender
    @OptionGroup var kept: CacheOption

    func run() throws {
      let workspace = try sender.project.load()
      let sender = try sender.sender(workspace)
      let items = try workspace.items(choice)
      if items.isEmpty { throw Failure.wrong("there is nothing to review in \(choice); nothing was written") }
      let pipeline = ClipPipeline(workspace, cache: kept.cache)
      let heard = try PostPage.clips(of: items, by: pipeline, failed: { Terminal.complain("\($0)") })
      let page = try PostPage.review(heard, of: workspace, by: sender)
      try self.sender.record([page], by: sender)
      try output.write(page, workspace, sender)
      let silent = heard.filter(\.clips.isEmpty).count
      if silent > 0 {
        Terminal.remark(
          "\(counted(silent, "text")) without a speaker's recording: only the words can be judged"
        )
      }
    }
  }

  struct Site: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the pages of speakers as a folder for any https server.",
      discussion: """
          firstword post site web --from "Ana, Shelter" --contact "ana@example.org" --project shelter
          firstword post site web --from "Ana" --contact "ana@example.org" --languages ro,km

        For telephones that open no files. Copy the folder to a server that speaks https: a browser gives a page no \
        microphone over http. The server needs no program, and nothing is uploaded: the file that a page saves comes \
        back by the speaker's own way.
        """)

    @Argument(help: ArgumentHelp("The folder to write; it is made if it is missing.", valueName: "DIR"))
    var directory: String

    @Option(
      help: ArgumentHelp("Tags of languages; default: all listeners' languages of the project.", valueName: "TAGS"))
    var languages: String?

    @OptionGroup var sender: Sender

    func run() throws {
      let workspace = try sender.project.load()
      let sender = try sender.sender(workspace)
      let tags = languages.map { $0.split(separator: ",").map(String.init) } ?? workspace.project.languages
      let pages = try tags.map { tag in
        let items = try workspace.items(tag)
        if items.isEmpty { throw Failure.impossible("the project has no words in \(tag)") }
        return try PostPage.booth(items, of: workspace, by: sender)
      }
      try self.sender.record(pages, by: sender)
      try Files.makeDirectory(directory)
      for (name, content) in PostSite(pages, in: workspace.catalogue, by: sender).files {
        try Files.replace(Path(directory).appending(name), with: Array(content.utf8))
      }
      print(
        "\(Path(directory).appending("index.html"))  \(counted(pages.count, "page")); copy it to an https server"
      )
    }
  }
}
