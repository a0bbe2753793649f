// swift-tools-version: 6.0
import PackageDescription

/// A C library of the system: its headers through a module map and `shim.h`, and no policy.
func system(_ name: String, _ pkgConfig: String? = nil, _ debianPackage: String? = nil) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: debianPackage.map { [.apt([$0])] })
}

/// For modules in which programs and tests spend most of their time: the tests start thousands of programs.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "firstword",
  products: [
    .executable(name: "firstword", targets: ["firstword"]),
    .executable(name: "firstwordd", targets: ["firstwordd"]),
    .executable(name: "firstword-sync", targets: ["firstword-sync"]),
    .library(name: "simcard", type: .dynamic, targets: ["simcard"]),
    .library(name: "heapspy", type: .dynamic, targets: ["heapspy"]),
    .library(name: "diskspy", type: .dynamic, targets: ["diskspy"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C: headers and link flags, no policy.
    system("CALSA", "alsa", "libasound2-dev"),
    system("CCurl", "libcurl", "libcurl4-openssl-dev"),
    system("CFuse", "fuse3", "libfuse3-dev"),
    system("CLinux"),
    system("CLoudness", "libebur128", "libebur128-dev"),
    system("CMicrohttpd", "libmicrohttpd", "libmicrohttpd-dev"),
    system("COpusEnc", "libopusenc", "libopusenc-dev"),
    system("COpusFile", "opusfile", "libopusfile-dev"),
    system("CSndFile", "sndfile", "libsndfile1-dev"),
    system("CSodium", "libsodium", "libsodium-dev"),
    system("CYaml", "yaml-0.1", "libyaml-dev"),
    system("CZip", "libzip", "libzip-dev"),

    // What the tests of several modules share.
    .target(
      name: "TestSupport", dependencies: ["Posix"], path: "Tests/Support/TestSupport", swiftSettings: optimized),
    .target(
      name: "CatalogueFixture", dependencies: ["Catalogue", "Diagnostics", "Posix", "TestSupport"],
      path: "Tests/Support/CatalogueFixture"),
    .target(name: "heapspy", path: "Tests/Support/heapspy", cSettings: [.define("PIC")]),
    .target(name: "diskspy", path: "Tests/Support/diskspy", cSettings: [.define("PIC")]),

    // The repository itself: its rooms, its language.
    .testTarget(
      name: "RepositoryTests", dependencies: ["TestSupport"], path: "Tests/Repository/RepositoryTests"),

    // What every side stands on.
    .target(name: "Posix", dependencies: ["CLinux"], path: "Sources/Base/Posix"),
    .testTarget(name: "PosixTests", dependencies: ["Posix"], path: "Tests/Base/PosixTests"),
    .target(name: "Opus", dependencies: ["COpusFile"], path: "Sources/Base/Opus"),
    .target(name: "Diagnostics", path: "Sources/Base/Diagnostics"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"], path: "Tests/Base/DiagnosticsTests"),
    .target(
      name: "Encoding", dependencies: ["CSodium"], path: "Sources/Base/Encoding", swiftSettings: optimized),
    .testTarget(name: "EncodingTests", dependencies: ["Encoding"], path: "Tests/Base/EncodingTests"),

    // What two machines hand each other.
    .target(name: "Board", path: "Sources/Formats/Board"),
    .target(name: "BoardJSON", dependencies: ["Board", "Encoding", "Posix"], path: "Sources/Formats/BoardJSON"),
    .target(name: "Channel", dependencies: ["CSodium", "Encoding", "Posix"], path: "Sources/Formats/Channel"),
    .testTarget(
      name: "ChannelTests", dependencies: ["CSodium", "Channel", "Encoding", "Posix"],
      path: "Tests/Formats/ChannelTests"),
    .target(name: "Slots", dependencies: ["Encoding", "Kit", "Posix"], path: "Sources/Formats/Slots"),
    .target(
      name: "Store", dependencies: ["CLinux", "Distribution", "Encoding", "Kit", "Posix"], path: "Sources/Formats/Store"
    ),
    .target(
      name: "Kit", dependencies: ["Board", "BoardJSON", "CSodium", "Diagnostics", "Encoding", "Posix"],
      path: "Sources/Formats/Kit", swiftSettings: optimized),
    .testTarget(
      name: "KitTests", dependencies: ["Board", "BoardJSON", "Encoding", "Kit", "KitBuilder", "Posix", "TestSupport"],
      path: "Tests/Formats/KitTests"),
    .target(
      name: "Distribution", dependencies: ["Channel", "Encoding", "Kit", "Posix"], path: "Sources/Formats/Distribution"),
    .testTarget(
      name: "DistributionTests", dependencies: ["Channel", "Distribution", "Encoding", "Kit", "Posix", "TestSupport"],
      path: "Tests/Formats/DistributionTests"),
    .target(name: "KitDelta", dependencies: ["Encoding", "Kit", "Posix"], path: "Sources/Formats/KitDelta"),
    .testTarget(
      name: "KitDeltaTests", dependencies: ["Encoding", "Kit", "KitBuilder", "KitDelta", "Posix", "TestSupport"],
      path: "Tests/Formats/KitDeltaTests"),
    .testTarget(
      name: "SlotsTests", dependencies: ["Encoding", "Kit", "Posix", "Slots", "TestSupport"],
      path: "Tests/Formats/SlotsTests"),
    .testTarget(
      name: "StoreTests", dependencies: ["Distribution", "Encoding", "Kit", "KitBuilder", "Posix", "Store"],
      path: "Tests/Formats/StoreTests"),

    // The trainer's side.
    .target(
      name: "Catalogue", dependencies: ["Board", "CYaml", "Diagnostics", "Encoding", "Kit", "Posix"],
      path: "Sources/Trainer/Catalogue", swiftSettings: optimized),
    .testTarget(
      name: "CatalogueTests",
      dependencies: ["Board", "BoardJSON", "Catalogue", "CatalogueFixture", "Diagnostics", "Encoding", "Kit", "Posix"],
      path: "Tests/Trainer/CatalogueTests"),
    .target(
      name: "Project", dependencies: ["Catalogue", "Diagnostics", "Encoding", "Kit", "Posix"],
      path: "Sources/Trainer/Project"),
    .testTarget(
      name: "ProjectTests", dependencies: ["Catalogue", "CatalogueFixture", "Diagnostics", "Kit", "Posix", "Project"],
      path: "Tests/Trainer/ProjectTests"),
    .target(
      name: "KitBuilder",
      dependencies: [
        "CLoudness", "COpusEnc", "CSndFile", "CZip", "Catalogue", "Diagnostics", "Encoding", "Kit", "Opus", "Posix",
        "Project",
      ],
      path: "Sources/Trainer/KitBuilder", swiftSettings: optimized),
    .testTarget(
      name: "KitBuilderTests",
      dependencies: [
        "Catalogue", "Diagnostics", "Encoding", "Kit", "KitBuilder", "Opus", "Posix", "Project", "TestSupport",
      ], path: "Tests/Trainer/KitBuilderTests"),

    .target(
      name: "ChannelPublisher", dependencies: ["Channel", "Distribution", "Encoding", "Kit", "Posix"],
      path: "Sources/Trainer/ChannelPublisher", exclude: ["README.md"]),
    .testTarget(
      name: "ChannelPublisherTests",
      dependencies: ["Channel", "ChannelPublisher", "Encoding", "Kit", "KitBuilder", "Posix"],
      path: "Tests/Trainer/ChannelPublisherTests"),

    .target(name: "Capture", dependencies: ["CALSA", "Posix"], path: "Sources/Trainer/Capture"),
    .testTarget(
      name: "CaptureTests", dependencies: ["CALSA", "Capture", "Posix", "Simulator"], path: "Tests/Trainer/CaptureTests"
    ),

    .target(
      name: "RecordingSession", dependencies: ["Catalogue", "KitBuilder", "Posix", "Project"],
      path: "Sources/Trainer/RecordingSession"),
    .testTarget(
      name: "RecordingSessionTests",
      dependencies: ["Catalogue", "KitBuilder", "Posix", "Project", "RecordingSession", "TestSupport"],
      path: "Tests/Trainer/RecordingSessionTests"),

    .target(
      name: "Translation", dependencies: ["Catalogue", "Diagnostics", "Kit"], path: "Sources/Trainer/Translation"),
    .testTarget(
      name: "TranslationTests", dependencies: ["Catalogue", "Kit", "Posix", "TestSupport", "Translation"],
      path: "Tests/Trainer/TranslationTests"),

    .target(
      name: "Import",
      dependencies: [
        "CZip", "Catalogue", "Diagnostics", "Encoding", "Kit", "KitBuilder", "Posix", "Project", "Translation",
      ],
      path: "Sources/Trainer/Import"),
    .testTarget(
      name: "ImportTests",
      dependencies: [
        "Catalogue", "Diagnostics", "Encoding", "Import", "Kit", "KitBuilder", "Posix", "Project", "TestSupport",
      ],
      path: "Tests/Trainer/ImportTests"),

    .target(
      name: "Wiring", dependencies: ["Board", "Catalogue", "Diagnostics", "Posix"], path: "Sources/Trainer/Wiring"),
    .testTarget(
      name: "WiringTests", dependencies: ["Board", "Catalogue", "CatalogueFixture", "Diagnostics", "Posix", "Wiring"],
      path: "Tests/Trainer/WiringTests"),

    .target(
      name: "Pages",
      dependencies: ["Board", "Catalogue", "Diagnostics", "Encoding", "Journal", "Kit", "Posix", "Wiring"],
      path: "Sources/Trainer/Pages"),
    .testTarget(
      name: "PagesTests",
      dependencies: ["Board", "Catalogue", "Encoding", "Journal", "Kit", "Pages", "Posix", "TestSupport", "Wiring"],
      path: "Tests/Trainer/PagesTests"),

    .target(
      name: "Image",
      dependencies: [
        "Board", "BoardJSON", "Catalogue", "Channel", "Diagnostics", "Encoding", "Kit", "Opus", "Pages", "Posix",
        "Store", "Wiring",
      ], path: "Sources/Trainer/Image"),
    .testTarget(
      name: "ImageTests",
      dependencies: [
        "Board", "Catalogue", "CatalogueFixture", "Channel", "Encoding", "Image", "Kit", "KitBuilder", "Posix", "Store",
        "TestSupport",
      ], path: "Tests/Trainer/ImageTests"),

    // The pages that go by post use the studio's recorder.
    .target(
      name: "PostAssets", path: "Sources/Trainer/PostAssets",
      cSettings: [.headerSearchPath("../Post/assets"), .headerSearchPath("../Studio/assets")]),
    .target(
      name: "Post", dependencies: ["Catalogue", "Encoding", "KitBuilder", "Pages", "PostAssets", "Project"],
      path: "Sources/Trainer/Post", exclude: ["README.md", "assets"]),
    .testTarget(
      name: "PostTests", dependencies: ["Catalogue", "KitBuilder", "Posix", "Post", "Project", "TestSupport"],
      path: "Tests/Trainer/PostTests"),

    .target(
      name: "Web", dependencies: ["CLinux", "CMicrohttpd", "Diagnostics", "Encoding", "Posix"],
      path: "Sources/Trainer/Web"),
    .testTarget(
      name: "WebTests", dependencies: ["Encoding", "Posix", "TestSupport", "Web"], path: "Tests/Trainer/WebTests"),
    // The files of the page are read by the assembler.
    .target(
      name: "StudioAssets", path: "Sources/Trainer/StudioAssets",
      cSettings: [.headerSearchPath("../Studio/assets")]),
    .target(
      name: "Studio",
      dependencies: [
        "Board", "Capture", "Catalogue", "ChannelPublisher", "Diagnostics", "Distribution", "Encoding", "Image",
        "Import", "Journal", "Kit", "KitBuilder", "Pages", "Posix", "Post", "Project", "RecordingSession",
        "StudioAssets", "Translation", "Web",
      ],
      path: "Sources/Trainer/Studio", exclude: ["README.md", "assets"]),
    .testTarget(
      name: "StudioTests", dependencies: ["Journal", "Posix", "Studio", "TestSupport", "Web"],
      path: "Tests/Trainer/StudioTests"),

    // The device's side.
    .target(
      name: "Playback", dependencies: ["Board", "CALSA", "CLinux", "Opus", "Posix"], path: "Sources/Device/Playback"),
    .testTarget(name: "PlaybackTests", dependencies: ["Board", "Playback"], path: "Tests/Device/PlaybackTests"),
    .target(name: "Buttons", dependencies: ["Board", "CLinux", "Posix"], path: "Sources/Device/Buttons"),
    .testTarget(
      name: "ButtonsTests", dependencies: ["Board", "Buttons", "CLinux", "Posix", "Simulator", "TestSupport"],
      path: "Tests/Device/ButtonsTests"),
    .target(
      name: "Panel", dependencies: ["Board", "Buttons", "Control", "Journal", "Posix"], path: "Sources/Device/Panel"),
    .testTarget(
      name: "PanelTests", dependencies: ["Board", "Buttons", "Panel", "Posix"], path: "Tests/Device/PanelTests"),
    .target(
      name: "SelfTest",
      dependencies: ["Board", "Buttons", "CLinux", "Control", "Diagnostics", "Kit", "Playback", "Posix", "Store"],
      path: "Sources/Device/SelfTest"),
    .testTarget(
      name: "SelfTestTests", dependencies: ["Board", "Control", "Diagnostics", "SelfTest"],
      path: "Tests/Device/SelfTestTests"),
    .target(name: "Console", dependencies: ["Board", "Journal", "Kit", "Posix"], path: "Sources/Device/Console"),
    .testTarget(
      name: "ConsoleTests", dependencies: ["Board", "Console", "Journal", "Kit", "Posix"],
      path: "Tests/Device/ConsoleTests"),
    .target(
      name: "Sync",
      dependencies: ["CCurl", "Channel", "Distribution", "Encoding", "Kit", "KitDelta", "Posix", "Store"],
      path: "Sources/Device/Sync"),
    .testTarget(
      name: "SyncTests",
      dependencies: ["Channel", "Distribution", "Encoding", "Kit", "Posix", "Store", "Sync", "TestSupport"],
      path: "Tests/Device/SyncTests"),
    // The client of channels as the conformance tests of The Update Framework call it.
    .executableTarget(
      name: "tuf-client", dependencies: ["Channel", "Posix", "Sync"], path: "Tests/Support/tuf-client"),
    .target(
      name: "Stick", dependencies: ["CLinux", "Encoding", "Kit", "Posix", "Store"], path: "Sources/Device/Stick"),
    .testTarget(
      name: "StickTests", dependencies: ["Encoding", "Kit", "Posix", "Stick", "Store"], path: "Tests/Device/StickTests"),
    .target(name: "Changeover", dependencies: ["Posix"], path: "Sources/Device/Changeover"),
    .testTarget(
      name: "ChangeoverTests", dependencies: ["Changeover", "Posix"], path: "Tests/Device/ChangeoverTests"),
    .target(
      name: "Journal", dependencies: ["Board", "Diagnostics", "Encoding", "Kit", "Posix"],
      path: "Sources/Device/Journal"),
    .testTarget(
      name: "JournalTests", dependencies: ["Board", "Encoding", "Journal", "Kit", "Posix", "TestSupport"],
      path: "Tests/Device/JournalTests", exclude: ["version-1-answers.jsonl", "version-1.jsonl"]),
    .target(
      name: "Control", dependencies: ["CLinux", "Encoding", "Posix"], path: "Sources/Device/Control",
      resources: [.embedInCode("control.schema.json")]),
    .testTarget(
      name: "ControlTests", dependencies: ["Control", "Posix", "TestSupport"], path: "Tests/Device/ControlTests"),

    // The tester's side: the lines, the card, the judge.
    .systemLibrary(name: "CSimcard", path: "Sources/Tester/CSimcard"),
    .target(
      name: "simcard", path: "Sources/Tester/simcard", cSettings: [.define("PIC")],
      linkerSettings: [.linkedLibrary("asound")]),
    .target(
      name: "Scenarios", dependencies: ["Board", "Catalogue", "Diagnostics", "Journal", "Kit", "Posix"],
      path: "Sources/Tester/Scenarios"),
    .testTarget(
      name: "ScenariosTests", dependencies: ["Board", "Catalogue", "CatalogueFixture", "Kit", "Scenarios"],
      path: "Tests/Tester/ScenariosTests"),
    .target(
      name: "Simulator",
      dependencies: [
        "Board", "BoardJSON", "CFuse", "CSimcard", "Control", "Encoding", "Kit", "KitBuilder", "Opus",
        "Playback", "Posix", "Scenarios",
      ], path: "Sources/Tester/Simulator", swiftSettings: optimized),
    .testTarget(
      name: "SimulatorTests",
      dependencies: [
        "Board", "CALSA", "CLinux", "Control", "Kit", "Playback", "Posix", "Scenarios", "Simulator", "TestSupport",
      ], path: "Tests/Tester/SimulatorTests"),

    .target(
      name: "Practice",
      dependencies: [
        "Board", "Catalogue", "Control", "Diagnostics", "Journal", "Kit", "KitBuilder", "Pages", "Posix", "Simulator",
        "Studio", "Web",
      ], path: "Sources/Tester/Practice"),
    .testTarget(
      name: "PracticeTests",
      dependencies: [
        "Board", "BoardJSON", "Catalogue", "CatalogueFixture", "Kit", "Posix", "Practice", "Simulator", "TestSupport",
      ], path: "Tests/Tester/PracticeTests"),

    .executableTarget(
      name: "firstword",
      dependencies: [
        "Board", "BoardJSON", "Buttons", "Capture", "Catalogue", "ChannelPublisher", "Control", "Diagnostics",
        "Distribution", "Encoding", "Image", "Import", "Journal", "Kit", "KitBuilder", "Pages", "Playback", "Posix",
        "Post", "Practice", "Project", "RecordingSession", "Scenarios", "SelfTest", "Simulator", "Slots", "Stick",
        "Store", "Studio", "Translation", "Web", "Wiring",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/Programs/firstword"),
    .executableTarget(
      name: "firstwordd",
      dependencies: [
        "Board", "BoardJSON", "Buttons", "CLinux", "Changeover", "Console", "Control", "Diagnostics", "Distribution",
        "Encoding", "Journal", "Kit", "Panel", "Playback", "Posix", "SelfTest", "Store",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/Programs/firstwordd"),
    .executableTarget(
      name: "firstword-sync",
      dependencies: [
        "Control", "Diagnostics", "Distribution", "Encoding", "Kit", "Posix", "Stick", "Sync",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/Programs/firstword-sync"),
    .testTarget(
      name: "firstwordTests",
      // The programs and the card are run, not linked: every build makes them.
      dependencies: [
        "Board", "BoardJSON", "Catalogue", "Console", "Control", "Diagnostics", "Distribution", "Encoding", "Journal",
        "Kit", "KitBuilder", "Opus", "Posix", "Practice", "Project", "Scenarios", "Simulator", "Store", "TestSupport",
      ], path: "Tests/Programs/firstwordTests"),
  ],
  swiftLanguageModes: [.v6]
)

// Tests/fuzz alone builds this: it needs a Swift that has libFuzzer.
if Context.environment["FIRSTWORD_FUZZ"] != nil {
  package.targets += [
    .target(name: "CFuzzer", path: "Tests/parts/fuzz/CFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Board", "BoardJSON", "CFuzzer", "Catalogue", "Channel", "ChannelPublisher", "Console", "Control",
        "Distribution", "Encoding", "Image", "Import", "Journal", "Kit", "KitBuilder", "KitDelta", "Opus", "Posix",
        "Project", "Scenarios", "Slots", "Stick", "Store", "Sync", "Translation",
      ],
      path: "Tests/parts/fuzz/Fuzz"),
  ]
}
