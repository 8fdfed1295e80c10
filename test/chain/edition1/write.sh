#!/bin/sh -e
# How ledger.sqlite beside this file was written: by dt-cli of commit 9ab5de0, which knows edition 1 of the rules alone, at the
# end of 2025. Keys are the Keccak-256 of "key of NAME", ids of "id of NAME" (named_key and named_id of test/support/doubles.hpp).
#   test/chain/edition1/write.sh DT_CLI FILE
cli=$1 file=$2
admin=fbbcd411d89ca51369d1da6684b69c385a3804defbe3911ec9d6573c9ecae508
admin2=61e72e304f2f7af35f94742c6480b4930acc02065b1e762178148d01cb187895
bank=78df7b0b30630aa286d1c2fc2f0c4bdf3087724c7e5ade40679b62940ebe6316
solver=bda2b320ff0d88126feff03582d32803f8c53fdf03cb5e1fd13db1b170aa1556
leaf=0xaad13fd3cfaacd9c99b0b3367b7e7e4cfee291c7a831faaedbe1b88a5a73283f
leaf2=0xe6b5cba4e56a5ae24934a7624267175c311e06f95d2d0d8757328027a49421a6
cdt=0x968b89bf843c9c991ba9a9af4e7e946493225beb7d80e905d678b34ab9731945
template=0x6ec9f12f4918c426accda02f25dea31cc2ff44e247d6718227fa6bf94995ed2f
checksum=0x00000000000000000000000000000000000000000000000000000000000000c5

# Each command in an hour of its own.
export XDG_STATE_HOME="$file.state"
hour=0
dt() {
    export C2D_PRIVATE_KEY=$1
    shift
    hour=$((hour + 1))
    faketime "2025-12-31 $(printf %02d "$hour"):00:00" "$cli" --ledger "$file" --clock_ok "$@"
}
send() { dt "$@" >/dev/null; }
# A refused call is a transaction too.
refused() { ! dt "$@" >/dev/null 2>&1; }
address_of() { C2D_PRIVATE_KEY=$1 "$cli" key address | sed 's/.* //'; }

send $admin chain init
bank_id=$(address_of $bank) solver_id=$(address_of $solver) admin2_id=$(address_of $admin2)
send $admin chain send RoleController.addRole "[\"$admin2_id\", 100]"
for id in "$bank_id" "$solver_id"; do
    send $admin chain send AssetProvider.registerEnterprise "[\"$id\", \"organisation $id\", \"of edition 1\"]"
    send $admin2 chain send AssetProvider.addProvider "[\"$id\"]"
done
send $admin chain send OpTemplate.publishTemplate "[\"$template\", \"mean\", \"$checksum\", \"template.json\"]"
send $bank chain send DTFactory.mintDataToken "[\"$leaf\", \"$bank_id\", true, \"$checksum\", \"leaf.json\"]"
send $bank chain send DTFactory.mintDataToken "[\"$leaf2\", \"$bank_id\", true, \"$checksum\", \"leaf2.json\"]"
send $solver chain send DTFactory.mintDataToken "[\"$cdt\", \"$solver_id\", false, \"$checksum\", \"cdt.json\"]"
refused $solver chain send DTFactory.grantPermission "[\"$leaf\", \"$cdt\"]"
send $bank chain send DTFactory.grantPermission "[\"$leaf\", \"$cdt\"]"
send $bank chain send DTFactory.grantPermission "[\"$leaf2\", \"$cdt\", 0, 5]"
send $solver chain send DTFactory.startComposeDT "[\"$cdt\", [\"$leaf\", \"$leaf2\"]]"
send $solver chain send TaskMarket.createTask '["scoring", "of edition 1"]'
send $solver chain send TaskMarket.addJob "[\"$cdt\", 1]"
send $bank chain send JobReceipts.postReceipt "[1, \"$leaf\", 1, \"$checksum\"]"
send $bank chain send DTFactory.revokePermission "[\"$leaf\", \"$cdt\"]"
refused $solver chain send TaskMarket.addJob "[\"$cdt\", 1]"
rm -r "$XDG_STATE_HOME"
