/* Embeds the files of Sources/Trainer/Studio/assets. A new file needs a line here. The build does not see that a file
   changed: `touch` this one; in a commit raise the number, for build directories that are kept. StudioAssetTests
   compares what is embedded with the files. Revision 33. */

.macro asset path
  .section .rodata
1:
  .asciz "\path"
  .balign 16
2:
  .incbin "\path"
3:
  .section .data.rel.ro, "aw"
  .balign 8
  .quad 1b
  .quad 2b
  .quad 3b - 2b
.endm

  .section .data.rel.ro, "aw"
  .balign 8
  .globl fw_assets
  .hidden fw_assets
fw_assets:

  asset api.js
  asset booth.js
  asset card-channel.js
  asset card-maker.js
  asset cards.js
  asset ceremony.js
  asset check.js
  asset compare.js
  asset cuts.js
  asset device.js
  asset dom.js
  asset drop.js
  asset editor.js
  asset exchange.js
  asset icon.svg
  asset import.js
  asset index.html
  asset journal.js
  asset key-maker.js
  asset keys.js
  asset kits.js
  asset main.js
  asset matrix.js
  asset player-worklet.js
  asset player.js
  asset post.js
  asset practice.js
  asset publish.js
  asset receipts.js
  asset recorder-worklet.js
  asset recorder.js
  asset returned.js
  asset review.js
  asset settings.js
  asset shell.js
  asset start.js
  asset style.css
  asset words.js

  .section .data.rel.ro, "aw"
4:
  .section .rodata
  .balign 8
  .globl fw_asset_count
  .hidden fw_asset_count
fw_asset_count:
  .quad (4b - fw_assets) / 24

  .section .note.GNU-stack, "", %progbits
