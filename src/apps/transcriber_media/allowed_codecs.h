// The demuxers and audio decoders that may touch an input. FFmpeg has some 350 demuxers and 200
// audio decoders; every one left out is one that a hostile file cannot reach. No video decoder, no
// subtitle decoder, no format that refers to other files (playlists, image sequences, concat).
#pragma once

namespace wt::apps::transcriber_media {

inline constexpr char kAllowedDemuxers[] =
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,avr,caf,dff,dsf,dts,dtshd,dv,eac3,flac,flv,g722,"
    "g729,gsm,gxf,hcom,iff,ircam,loas,live_flv,matroska,mlp,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,"
    "nistsphere,nut,oga,ogg,oma,pvf,qcp,rco,rm,rso,sds,shn,sln,sox,tak,tco,truehd,tta,voc,vqf,w64,"
    "wav,webm,wsaud,wtv,wv,xwma";

inline constexpr char kAllowedDecoders[] =
    "8svx_exp,8svx_fib,aac,aac_latm,ac3,adpcm_ct,adpcm_g722,adpcm_ima_oki,adpcm_ima_qt,"
    "adpcm_ima_wav,adpcm_ms,adpcm_sbpro_2,adpcm_sbpro_3,adpcm_sbpro_4,adpcm_swf,adpcm_yamaha,alac,"
    "als,amrnb,amrwb,ape,atrac1,atrac3,atrac3al,atrac3plus,atrac3plusal,cook,dca,dsd_lsbf,"
    "dsd_lsbf_planar,dsd_msbf,dsd_msbf_planar,dvaudio,eac3,flac,g722,g723_1,g726,g726le,g729,gsm,"
    "gsm_ms,hcom,mace3,mace6,mlp,mp1float,mp1,mp2float,mp2,mp3float,mp3,mp3adufloat,mp3on4float,"
    "mpc7,mpc8,nellymoser,opus,libopus,pcm_alaw,pcm_bluray,pcm_dvd,pcm_f16le,pcm_f24le,pcm_f32be,"
    "pcm_f32le,pcm_f64be,pcm_f64le,pcm_lxf,pcm_mulaw,pcm_s16be,pcm_s16be_planar,pcm_s16le,"
    "pcm_s16le_planar,pcm_s24be,pcm_s24daud,pcm_s24le,pcm_s24le_planar,pcm_s32be,pcm_s32le,"
    "pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,"
    "pcm_u24le,pcm_u32be,pcm_u32le,pcm_u8,pcm_vidc,qcelp,qdm2,real_144,real_288,ralf,s302m,"
    "shorten,sipr,speex,libspeex,tak,truehd,truespeech,tta,twinvq,vorbis,libvorbis,wavpack,"
    "wmalossless,wmapro,wmav1,wmav2,wmavoice,xma1,xma2";

}  // namespace wt::apps::transcriber_media
